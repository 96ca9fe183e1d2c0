"""The device of a stage, with settings that make its results reproducible."""

import os
import platform
from typing import Any


def prepare() -> dict[str, Any]:
    """Set threads and algorithms before the first tensor of a job. Return them for the report.

    A worker uses every available processor in one process. The same thread count gives the same
    sums.
    """
    import torch

    torch.set_num_threads(processors())
    torch.set_deterministic_debug_mode("warn")  # the full name imports the compiler, five seconds per process
    # Do not fill new tensors that are overwritten anyway:
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    return {
        "device": "cpu",
        "processor": processor_name(),
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
        "python": platform.python_version(),
    }


def processors() -> int:
    """Return the number of processors for this process, limited by `OMP_NUM_THREADS`."""
    mine = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)
    wanted = os.environ.get("OMP_NUM_THREADS", "")
    return min(mine, int(wanted)) if wanted.isdecimal() and int(wanted) > 0 else mine


def processor_name() -> str:
    """Return the kernel's name of the processor."""
    try:
        with open("/proc/cpuinfo") as lines:  # noqa: PTH123 (a kernel file, read line by line)
            return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "")
    except OSError:
        return platform.processor()
