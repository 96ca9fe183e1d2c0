"""The choice of a worker's device, made without PyTorch, and why a device cannot be used."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from app.contract.device import Device
from app.observability.gpus import Gpu
from app.observability.processor import BF16_FLAGS, machine_memory, processor_flags, processor_name, processors
from app.observability.torch_build import TorchBuild

LEAST_BYTES = 2 * 1024**3
"""Memory of the smallest useful GPU: PyTorch and its libraries take about half a gibibyte."""
BF16_CAPABILITY = (8, 0)
KFD, DRM = Path("/dev/kfd"), Path("/sys/class/drm")
ON_THE_PROCESSOR = "set EXHUME_DEVICE=cpu to compute on the processor"
HIDDEN = {"CUDA_VISIBLE_DEVICES": "", "HIP_VISIBLE_DEVICES": ""}


class DeviceError(ValueError):
    """A device that cannot be used. The message says why and what to do."""


@dataclass(frozen=True)
class Chosen:
    """The device of a worker, and the environment of its processes that compute.

    They see this device only.
    """

    device: Device
    environment: dict[str, str] = field(default_factory=dict)


def choose(
    wanted: str,
    found: Sequence[Gpu],
    build: TorchBuild | None,
    *,
    environment: Mapping[str, str],
    system: str = "Linux",
) -> Chosen:
    """Return the device that a setting names.

    Args:
        wanted: auto, cpu, mps, cuda, cuda:N, or the UUID of a GPU or MIG slice.
        found: GPUs of this machine.
        environment: of this process. `CUDA_VISIBLE_DEVICES` limits the choice.
        system: the kernel's name.

    Raises: DeviceError.
    """
    if wanted == "cpu":
        return _processor(build)
    if build is not None and build.hip and (wanted != "auto" or KFD.exists()):
        return _amd(wanted, build)
    usable = visible(found, environment.get("CUDA_VISIBLE_DEVICES"))
    if wanted == "mps" or (wanted == "auto" and system == "Darwin"):
        return _apple(build, system)
    fault = why_not(usable, build)
    if wanted == "auto" and (fault or not usable):
        return _processor(build, note=fault if found else None)
    if fault:
        raise DeviceError(fault)
    assert build is not None
    gpu = _named(wanted, usable)
    if wanted != "auto" or (gpu.memory_bytes or LEAST_BYTES) >= LEAST_BYTES:
        return _nvidia(gpu, build)
    return _processor(build, note=_too_small(gpu))


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


def why_not(usable: Sequence[Gpu], build: TorchBuild | None) -> str | None:
    """Return why PyTorch cannot compute on any of these GPUs, and what to do. None if it can."""
    if not usable:
        return (
            "No NVIDIA GPU is visible here. Install its driver, pass the GPU to the container (--gpus all), correct "
            f"CUDA_VISIBLE_DEVICES, or {ON_THE_PROCESSOR}."
        )
    if build is None or build.cuda is None:
        version = "is not installed" if build is None else f"{build.version} was built without CUDA"
        return (
            f"This machine has a GPU ({usable[0].name}), but PyTorch {version}. Install a build for CUDA "
            f"(https://pytorch.org/get-started/locally), or {ON_THE_PROCESSOR}."
        )
    supported = usable[0].cuda
    if supported is not None and supported[0] < int(build.cuda.partition(".")[0]):
        newest = ".".join(map(str, supported))
        return (
            f"The driver {usable[0].driver} supports CUDA {newest}, and PyTorch {build.version} needs CUDA "
            f"{build.cuda}. Update the driver, install a PyTorch for CUDA {supported[0]}, or {ON_THE_PROCESSOR}."
        )
    return None


def _named(wanted: str, usable: Sequence[Gpu]) -> Gpu:
    """Return the GPU that a setting names. Raises: DeviceError."""
    if wanted in {"auto", "cuda"}:
        return usable[0]
    if wanted.startswith("cuda:"):
        at = int(wanted.removeprefix("cuda:"))
        if at < len(usable):
            return usable[at]
    else:
        gpu = next((gpu for gpu in usable if gpu.uuid.lower().startswith(wanted.lower())), None)
        if gpu is not None:
            return gpu
    there = ", ".join(f"cuda:{at} ({gpu.name}, {gpu.uuid})" for at, gpu in enumerate(usable))
    raise DeviceError(f"EXHUME_DEVICE names {wanted}, but this machine has {there}. Choose one of these.")


def _too_small(gpu: Gpu) -> str:
    kind = "MIG slice" if gpu.is_slice else "GPU"
    return (
        f"The {kind} {gpu.name} has {(gpu.memory_bytes or 0) / 1024**3:.1f} GiB of memory, and at least "
        f"{LEAST_BYTES // 1024**3} GiB are needed. Choose a larger one with EXHUME_DEVICE, or {ON_THE_PROCESSOR}."
    )


def _nvidia(gpu: Gpu, build: TorchBuild) -> Chosen:
    if (gpu.memory_bytes or LEAST_BYTES) < LEAST_BYTES:
        raise DeviceError(_too_small(gpu))
    capability = gpu.compute_capability
    device = Device(
        kind="cuda",
        name=gpu.name,
        uuid=gpu.uuid,
        memory_bytes=gpu.memory_bytes,
        compute_capability=None if capability is None else ".".join(map(str, capability)),
        bf16=capability is not None and capability >= BF16_CAPABILITY,
        driver=gpu.driver,
        torch=build.words,
        processor=processor_name(),
        processors=processors(),
    )
    return Chosen(device, {"CUDA_VISIBLE_DEVICES": gpu.uuid, "CUBLAS_WORKSPACE_CONFIG": ":4096:8"})


def _amd(wanted: str, build: TorchBuild) -> Chosen:
    """Return an AMD GPU. PyTorch names it like one of NVIDIA. Its kernel driver has no UUID."""
    at = int(wanted.removeprefix("cuda:")) if wanted.startswith("cuda:") else 0
    sizes = [int(file.read_text()) for file in sorted(DRM.glob("card[0-9]*/device/mem_info_vram_total"))]
    if not KFD.exists() or at >= max(1, len(sizes)) or wanted.upper().startswith(("GPU-", "MIG-")):
        raise DeviceError(
            f"EXHUME_DEVICE names {wanted}, but this machine has {len(sizes)} AMD GPUs. Choose cuda:N with N from 0, "
            f"pass /dev/kfd and /dev/dri to the container, or {ON_THE_PROCESSOR}."
        )
    device = Device(
        kind="rocm",
        name="AMD GPU",
        memory_bytes=sizes[at] if sizes else None,
        bf16=True,
        torch=build.words,
        processor=processor_name(),
        processors=processors(),
    )
    return Chosen(device, {"HIP_VISIBLE_DEVICES": str(at), "CUBLAS_WORKSPACE_CONFIG": ":4096:8"})


def _apple(build: TorchBuild | None, system: str) -> Chosen:
    """Return Apple's GPU, which shares the memory of the machine.

    What its library lacks, PyTorch computes on the processor.
    """
    if system != "Darwin":
        raise DeviceError(
            f"EXHUME_DEVICE names mps, which only Apple's computers have. Choose auto, or {ON_THE_PROCESSOR}."
        )
    described = _processor(build).device
    device = described.model_copy(update={"kind": "mps", "name": f"{described.name} GPU".strip(), "bf16": False})
    return Chosen(device, {"PYTORCH_ENABLE_MPS_FALLBACK": "1"})


def _processor(build: TorchBuild | None, note: str | None = None) -> Chosen:
    name = processor_name()
    device = Device(
        kind="cpu",
        name=name,
        memory_bytes=machine_memory(),
        bf16=bool(processor_flags() & BF16_FLAGS),
        torch=None if build is None else build.words,
        processor=name,
        processors=processors(),
        note=note,
    )
    return Chosen(device, HIDDEN)
