"""The AMD GPUs of this machine, as the kernel's driver for computing (amdkfd) lists them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

KFD = Path("/dev/kfd")
NODES = Path("/sys/class/kfd/kfd/topology/nodes")
DRM = Path("/sys/class/drm")


@dataclass(frozen=True)
class AmdGpu:
    """A GPU. What the kernel does not report is None.

    Attributes:
        index: position among the GPUs of this process, as ROCm numbers them.
    """

    index: int
    name: str
    memory_bytes: int | None = None


def amd_gpus() -> list[AmdGpu]:
    """Return the GPUs that this process may use, in ROCm's order. Empty without the driver.

    In a container, the kernel denies to read the nodes of others.
    """
    if not KFD.exists():
        return []
    nodes = sorted((node for node in NODES.glob("*") if node.name.isdecimal()), key=lambda node: int(node.name))
    found = [one for one in map(_properties, nodes) if one.get("simd_count", 0) > 0]  # others are processors
    return [AmdGpu(at, _name(one), _memory(one)) for at, one in enumerate(found)]


def _properties(node: Path) -> dict[str, int]:
    try:
        pairs = [line.split() for line in (node / "properties").read_text().splitlines()]
    except OSError:
        return {}
    return {pair[0]: int(pair[1]) for pair in pairs if len(pair) == 2 and pair[1].isdecimal()}


def _name(properties: Mapping[str, int]) -> str:
    """Return a name with the architecture, such as gfx942 for version 90402."""
    version = properties.get("gfx_target_version", 0)
    return f"AMD GPU gfx{version // 10000}{version // 100 % 100:x}{version % 100:x}" if version else "AMD GPU"


def _memory(properties: Mapping[str, int]) -> int | None:
    path = DRM / f"renderD{properties.get('drm_render_minor', 0)}" / "device" / "mem_info_vram_total"
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return None
