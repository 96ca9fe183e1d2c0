"""Faults of a GPU in the middle of a job: what they mean, and where the job goes.

None is a fault of the input, so such an attempt does not count.
"""

import os
import signal
from dataclasses import dataclass
from typing import Any

import structlog
import torch

from app.observability.candidates import BUILDS, ON_THE_PROCESSOR
from app.problem_types import problem_body
from worker.inversion.memory import LIBRARIES, out_of_memory
from worker.node import MAIN_PROCESS

log = structlog.get_logger(__name__)

MARGIN, GIB = 1.2, 1024**3
SIGNS = ("CUDA error", "HIP error", "CUBLAS_STATUS", "CUDNN_STATUS", "cuDNN error", "MPS backend")
NO_KERNEL = "no kernel image is available"


@dataclass(frozen=True)
class DeviceFault:
    """A fault of the device.

    Attributes:
        problem: body recorded with the job.
        needs_bytes: memory that the job needs, if it ran out.
        beyond_device: the job needs more than this worker's device has.
        ends_worker: the process can no longer use its GPU.
    """

    problem: dict[str, Any]
    needs_bytes: int | None = None
    beyond_device: bool = False
    ends_worker: bool = False


def device_fault(error: BaseException, hardware: dict[str, Any], stage: str) -> DeviceFault | None:
    """Return what an error means if it is a fault of a GPU. None for any other."""
    device, name = hardware.get("device", "cpu"), hardware.get("gpu") or "The GPU"
    if device == "cpu":
        return None
    if out_of_memory(error):
        return out_of_memory_on(name, memory_of_device(), stage)
    said = str(error)
    if not isinstance(error, torch.AcceleratorError) and not any(sign in said for sign in SIGNS):
        return None
    first = said.partition("\n")[0]
    advice = (
        f"The installed PyTorch was not built for this GPU (compute capability {hardware.get('compute_capability')}). "
        f"Install one that was ({BUILDS}), or {ON_THE_PROCESSOR}."
        if NO_KERNEL in said
        else "Look for Xid errors in the kernel's log (dmesg). If they come again, reset or replace the GPU."
    )
    detail = f"{name} failed in the stage {stage}: {first}. {advice}"
    return DeviceFault(problem_body("device_lost", detail), ends_worker=True)


@dataclass(frozen=True)
class Memory:
    """Bytes of a GPU: all, those that other programs use, and the most that this process held."""

    total: int
    others: int
    most: int


def memory_of_device() -> Memory:
    """Return the memory of the GPU after it ran out."""
    if torch.cuda.is_available():
        free, total = torch.cuda.mem_get_info()
        mine = torch.cuda.memory_reserved()
        return Memory(total, total - free - mine, torch.cuda.max_memory_reserved())
    if torch.backends.mps.is_available():  # PyTorch stops at a limit of its own, whatever others use
        return Memory(torch.mps.recommended_max_memory(), 0, torch.mps.driver_allocated_memory())
    return Memory(0, 0, 0)


def out_of_memory_on(name: str, memory: Memory, stage: str) -> DeviceFault:
    """Return the fault of a GPU that ran out of memory.

    If the job had the GPU to itself, it needs a larger one. Otherwise this one may do when the
    others have ended.
    """
    needs, begin = int(MARGIN * memory.most), f"{name} ran out of memory in the stage {stage}."
    if memory.others > LIBRARIES:
        detail = (
            f"{begin} The stage needs at least {needs / GIB:.1f} GiB, and other programs use "
            f"{memory.others / GIB:.1f} of its {memory.total / GIB:.1f} GiB. Stop them, or add a worker with more "
            "memory."
        )
        return DeviceFault(problem_body("device_out_of_memory", detail), needs_bytes=needs)
    needs = max(needs, memory.total)
    detail = (
        f"{begin} The stage needs a worker with more than {needs / GIB:.1f} GiB. Add a worker with more memory. It may "
        "be a processor."
    )
    return DeviceFault(problem_body("device_out_of_memory", detail), needs_bytes=needs, beyond_device=True)


def end_worker() -> None:
    """Stop this worker in an orderly way: a new process may be able to use the GPU again."""
    main = os.environ.get(MAIN_PROCESS)
    if main is not None:
        log.error("worker.device_failed", process=main)
        os.kill(int(main), signal.SIGTERM)
