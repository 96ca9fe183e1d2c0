"""Faults of a GPU in the middle of a job: what they mean, and where the job goes.

None is a fault of the input, so such an attempt does not count.
"""

import os
import signal
from dataclasses import dataclass
from typing import Any

import structlog
import torch

from app.observability.devices import ON_THE_PROCESSOR
from app.problem_types import problem_body
from worker.inversion.memory import out_of_memory
from worker.node import MAIN_PROCESS

log = structlog.get_logger(__name__)

MARGIN = 1.2
SIGNS = ("CUDA error", "HIP error", "CUBLAS_STATUS", "CUDNN_STATUS", "cuDNN error", "MPS backend")
NO_KERNEL = "no kernel image is available"


@dataclass(frozen=True)
class DeviceFault:
    """A fault of the device.

    Attributes:
        problem: body recorded with the job.
        needs_bytes: memory that the job needs, if it ran out.
        ends_worker: the process can no longer use its GPU.
    """

    problem: dict[str, Any]
    needs_bytes: int | None = None
    ends_worker: bool = False


def device_fault(error: BaseException, hardware: dict[str, Any], stage: str) -> DeviceFault | None:
    """Return what an error means if it is a fault of a GPU. None for any other."""
    device, name = hardware.get("device", "cpu"), hardware.get("gpu") or "The GPU"
    if device == "cpu":
        return None
    if out_of_memory(error):
        needs = memory_needed()
        detail = (
            f"{name} ran out of memory in the stage {stage}. The stage needs a worker with at least "
            f"{needs / 1024**3:.1f} GiB, or a GPU that no other program uses. Add a worker with more memory."
        )
        return DeviceFault(problem_body("device_out_of_memory", detail), needs_bytes=needs)
    said = str(error)
    if not isinstance(error, torch.AcceleratorError) and not any(sign in said for sign in SIGNS):
        return None
    first = said.partition("\n")[0]
    advice = (
        f"The installed PyTorch was not built for this GPU (compute capability {hardware.get('compute_capability')}). "
        f"Install one that was (https://pytorch.org/get-started/locally), or {ON_THE_PROCESSOR}."
        if NO_KERNEL in said
        else "Look for Xid errors in the kernel's log (dmesg). If they come again, reset or replace the GPU."
    )
    detail = f"{name} failed in the stage {stage}: {first}. {advice}"
    return DeviceFault(problem_body("device_lost", detail), ends_worker=True)


def memory_needed() -> int:
    """Return the memory that a job needs which ran out of it, with a margin."""
    if torch.cuda.is_available():
        return int(MARGIN * torch.cuda.max_memory_reserved())
    return int(MARGIN * torch.mps.driver_allocated_memory()) if torch.backends.mps.is_available() else 0


def end_worker() -> None:
    """Stop this worker in an orderly way: a new process may be able to use the GPU again."""
    main = os.environ.get(MAIN_PROCESS)
    if main is not None:
        log.error("worker.device_failed", process=main)
        os.kill(int(main), signal.SIGTERM)
