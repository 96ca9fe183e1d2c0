"""The GPUs of this machine, and why PyTorch cannot use some of them.

It is told without PyTorch, which takes seconds to import. What only PyTorch knows, such as the
architectures that it was built for, a worker finds out when it starts.
"""

import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from app.contract.device import Device
from app.observability.amd import AmdGpu, amd_gpus
from app.observability.gpus import Gpu, gpus
from app.observability.processor import BF16_FLAGS, machine_memory, processor_flags, processor_name, processors
from app.observability.torch_build import TorchBuild, torch_build

LEAST_BYTES = 2 * 1024**3
"""Memory of the smallest useful GPU: PyTorch and its libraries take about half a gibibyte."""
LEAST_CAPABILITY = {11: (3, 5), 12: (5, 0), 13: (7, 5)}
"""The oldest compute capability that NVIDIA's compiler builds for, by the version of CUDA."""
BF16_CAPABILITY = (8, 0)
ON_THE_PROCESSOR = "set EXHUME_DEVICE=cpu to compute on the processor"
BUILDS = "https://pytorch.org/get-started/locally"
REPEATABLE = {"CUBLAS_WORKSPACE_CONFIG": ":4096:8"}


@dataclass(frozen=True)
class Candidate:
    """A GPU of this machine.

    Attributes:
        setting: value of `EXHUME_DEVICE` that names it.
        device: what its worker registers.
        environment: of the processes that compute on it. They see no other GPU.
        fault: why PyTorch cannot use it, and what to do. None if nothing is known to prevent it.
    """

    setting: str
    device: Device
    environment: dict[str, str] = field(default_factory=dict)
    fault: str | None = None


def candidates_here() -> list[Candidate]:
    """Return the GPUs of this machine that the variables of its environment leave."""
    machine = (platform.system(), platform.machine())
    return candidates(gpus(), amd_gpus(), torch_build(), environment=os.environ, machine=machine)


def candidates(
    nvidia: Sequence[Gpu],
    amd: Sequence[AmdGpu],
    build: TorchBuild | None,
    *,
    environment: Mapping[str, str],
    machine: tuple[str, str] = ("Linux", "x86_64"),
) -> list[Candidate]:
    """Return the GPUs that are visible, those that this PyTorch was built for first.

    An AMD GPU without memory of its own, such as many processors contain, is left out unless
    PyTorch was built for it.

    Args:
        environment: `CUDA_VISIBLE_DEVICES` and `HIP_VISIBLE_DEVICES` limit the GPUs.
        machine: names of the kernel and of the processor's architecture.
    """
    if machine[0] == "Darwin":
        return [_of_apple(build, machine[1])]
    limit = environment.get("CUDA_VISIBLE_DEVICES")
    for_amd = build is not None and build.hip is not None
    of_nvidia = [_of_nvidia(gpu, build) for gpu in visible(nvidia, limit)]
    by_index = {str(gpu.index): gpu for gpu in amd}
    limit = environment.get("HIP_VISIBLE_DEVICES", limit)
    names = list(by_index) if limit is None else [name.strip() for name in limit.split(",")]
    seen = [by_index[name] for name in names if name in by_index]
    worth = [gpu for gpu in seen if for_amd or (gpu.memory_bytes or 0) >= LEAST_BYTES]
    of_amd = [_of_amd(at, gpu, build) for at, gpu in enumerate(worth)]
    return of_amd + of_nvidia if for_amd else of_nvidia + of_amd


def visible(found: Sequence[Gpu], limit: str | None) -> list[Gpu]:
    """Return the GPUs that `CUDA_VISIBLE_DEVICES` leaves, in its order."""
    if limit is None:
        return list(found)
    names = [name.strip() for name in limit.split(",") if name.strip()]
    by_index = {str(at): gpu for at, gpu in enumerate(found)}
    by_uuid = [(name, gpu) for name in names for gpu in found if gpu.uuid.startswith(name)]
    return [by_index[name] if name in by_index else dict(by_uuid)[name] for name in names if _known(name, found)]


def _known(name: str, found: Sequence[Gpu]) -> bool:
    return (name.isdecimal() and int(name) < len(found)) or any(gpu.uuid.startswith(name) for gpu in found)


def of_processor(build: TorchBuild | None) -> Device:
    """Return the processor of this machine as a device."""
    name = processor_name()
    return Device(
        kind="cpu",
        name=name,
        memory_bytes=machine_memory(),
        bf16=bool(processor_flags() & BF16_FLAGS),
        torch=None if build is None else build.words,
        processor=name,
        processors=processors(),
    )


def _of_nvidia(gpu: Gpu, build: TorchBuild | None) -> Candidate:
    capability = gpu.compute_capability
    device = of_processor(build).model_copy(
        update={
            "kind": "cuda",
            "name": gpu.name,
            "uuid": gpu.uuid,
            "memory_bytes": gpu.memory_bytes,
            "compute_capability": None if capability is None else ".".join(map(str, capability)),
            "bf16": capability is not None and capability >= BF16_CAPABILITY,
            "driver": gpu.driver,
        }
    )
    environment = {"CUDA_VISIBLE_DEVICES": gpu.uuid, **REPEATABLE}
    return Candidate(gpu.uuid, device, environment, fault_of_nvidia(gpu, build))


def fault_of_nvidia(gpu: Gpu, build: TorchBuild | None) -> str | None:
    """Return why PyTorch cannot use a GPU of NVIDIA, and what to do. None if it can."""
    if build is None or build.cuda is None:
        return _not_built(gpu.name, build, "CUDA")
    major = int(build.cuda.partition(".")[0])
    if gpu.cuda is not None and gpu.cuda[0] < major:
        newest = ".".join(map(str, gpu.cuda))
        return (
            f"The driver {gpu.driver} supports CUDA {newest}, and PyTorch {build.version} needs CUDA "
            f"{build.cuda}. Update the driver, install a PyTorch for CUDA {gpu.cuda[0]}, or {ON_THE_PROCESSOR}."
        )
    least = LEAST_CAPABILITY.get(major)
    if least is not None and gpu.compute_capability is not None and gpu.compute_capability < least:
        has, needs = (".".join(map(str, one)) for one in (gpu.compute_capability, least))
        return (
            f"The GPU {gpu.name} has compute capability {has}, and CUDA {build.cuda}, for which PyTorch "
            f"{build.version} was built, needs {needs}. Install a PyTorch for an older CUDA ({BUILDS}), or "
            f"{ON_THE_PROCESSOR}."
        )
    return _too_small("MIG slice" if gpu.is_slice else "GPU", gpu.name, gpu.memory_bytes)


def _of_amd(at: int, gpu: AmdGpu, build: TorchBuild | None) -> Candidate:
    """Return an AMD GPU. PyTorch names it like one of NVIDIA. Its kernel driver has no UUID."""
    more = {"kind": "rocm", "name": gpu.name, "memory_bytes": gpu.memory_bytes, "bf16": True}
    device = of_processor(build).model_copy(update=more)
    mine = {name: str(gpu.index) for name in ("HIP_VISIBLE_DEVICES", "CUDA_VISIBLE_DEVICES")}
    built = build is not None and build.hip is not None
    fault = _too_small("GPU", gpu.name, gpu.memory_bytes) if built else _not_built(gpu.name, build, "ROCm")
    return Candidate(f"cuda:{at}", device, mine | REPEATABLE, fault)


def _of_apple(build: TorchBuild | None, architecture: str) -> Candidate:
    """Return Apple's GPU, which shares the memory of the machine.

    What its library lacks, PyTorch computes on the processor.
    """
    processor = of_processor(build)
    device = processor.model_copy(update={"kind": "mps", "name": f"{processor.name} GPU".strip(), "bf16": False})
    fault = None
    if build is None:
        fault = _not_built(device.name, build, "MPS")
    elif architecture != "arm64":
        fault = f"PyTorch uses the GPU of a Mac with Apple silicon, and this one is {architecture}: {ON_THE_PROCESSOR}."
    return Candidate("mps", device, {"PYTORCH_ENABLE_MPS_FALLBACK": "1"}, fault)


def _not_built(name: str, build: TorchBuild | None, wanted: str) -> str:
    version = "is not installed" if build is None else f"{build.version} was built without {wanted}"
    return (
        f"This machine has a GPU ({name}), but PyTorch {version}. Install a build for {wanted} ({BUILDS}), or "
        f"{ON_THE_PROCESSOR}."
    )


def _too_small(kind: str, name: str, memory_bytes: int | None) -> str | None:
    if (memory_bytes or LEAST_BYTES) >= LEAST_BYTES:
        return None
    return (
        f"The {kind} {name} has {(memory_bytes or 0) / 1024**3:.1f} GiB of memory, and at least "
        f"{LEAST_BYTES // 1024**3} GiB are needed. Choose a larger one with EXHUME_DEVICE, or {ON_THE_PROCESSOR}."
    )
