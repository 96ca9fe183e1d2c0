"""The device of a stage, with settings that make its results reproducible."""

import gc
import platform
from collections.abc import Sequence
from typing import Any

import torch

from app.observability.candidates import BUILDS, ON_THE_PROCESSOR
from app.observability.devices import DeviceError
from app.observability.gpus import gpus
from app.observability.processor import processor_name, processors
from app.settings import settings
from worker.runtime.allocator import keep_freed_memory, return_freed_memory

NO_GPU = (
    "PyTorch {version} sees no GPU in this process, which was to compute on {wanted}. Check that it was built for "
    "this GPU and its driver (python -c 'import torch; torch.zeros(1).cuda()'), or {processor}."
)


def prepare() -> dict[str, Any]:
    """Set threads and algorithms before the first tensor of a job. Return them for the report.

    A worker uses every available processor in one process. The same thread count gives the same
    sums.

    Raises: DeviceError.
    """
    torch.set_num_threads(processors())
    keep_freed_memory()
    torch.set_deterministic_debug_mode("warn")  # the full name imports the compiler, five seconds per process
    # Do not fill new tensors that are overwritten anyway:
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    device = torch_device(settings().device)
    return {
        "device": device,
        **(of_gpu() if device == "cuda" else {}),
        "processor": processor_name(),
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
        "python": platform.python_version(),
    }


def torch_device(wanted: str) -> str:
    """Return PyTorch's name of the device that a setting names. Raises: DeviceError."""
    if wanted == "cpu" or (wanted == "auto" and not torch.cuda.is_available()):
        return "cpu"
    if wanted == "mps" and torch.backends.mps.is_available():
        return "mps"
    if wanted == "mps" or not torch.cuda.is_available():
        raise DeviceError(NO_GPU.format(version=torch.__version__, wanted=wanted, processor=ON_THE_PROCESSOR))
    return "cuda"  # of AMD too; the only one that this process sees


def of_gpu() -> dict[str, Any]:
    """Compute in float32 with deterministic kernels. Return the GPU and its software."""
    torch.backends.cudnn.benchmark, torch.backends.cudnn.deterministic = False, True
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = False
    about = torch.cuda.get_device_properties(0)
    built = torch.cuda.get_arch_list()
    if torch.version.hip is None and not runs_on((about.major, about.minor), built):
        raise DeviceError(
            f"PyTorch {torch.__version__} was not built for {about.name} (compute capability {about.major}."
            f"{about.minor}), but for {', '.join(built)}. Install another build "
            f"({BUILDS}), or {ON_THE_PROCESSOR}."
        )
    uuid = str(getattr(about, "uuid", ""))
    driver = next((gpu.driver for gpu in gpus() if uuid and uuid in gpu.uuid), None)
    return {
        "gpu": about.name,
        "compute_capability": f"{about.major}.{about.minor}",
        "driver": driver,
        "cuda": torch.version.cuda or torch.version.hip,
    }


def runs_on(capability: tuple[int, int], built: Sequence[str]) -> bool:
    """Return whether a build for these architectures runs on a GPU.

    Machine code (sm_80) runs on GPUs of the same major version, and PTX (compute_90) on any later
    one.
    """
    for name in built:
        kind, _, number = name.rstrip("af").partition("_")
        version = (int(number[:-1]), int(number[-1]))
        if version <= capability and (kind == "compute" or version[0] == capability[0]):
            return True
    return not built


def release() -> None:
    """Return the memory of a job's tensors to a GPU and the kernel, for other jobs and programs.

    Without a GPU there is no full collection, as it takes longer than short jobs.
    """
    if torch.cuda.is_available():
        gc.collect()
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()  # or the next job would seem to need as much
    elif torch.backends.mps.is_available():
        gc.collect()
        torch.mps.empty_cache()
    return_freed_memory()
