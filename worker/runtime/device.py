"""The device a stage computes on, and the settings that make it compute the same every time."""

import os
import platform
from typing import Any


def prepare() -> dict[str, Any]:
    """Settle threads and algorithms before the first tensor of a job; returns what to put into the report.

    One worker is one process: it takes every processor it may use. The same count gives the same sums.
    """
    import torch

    torch.set_num_threads(processors())
    torch.set_deterministic_debug_mode("warn")  # the long name imports the compiler too: five seconds a process
    # No pass over every new tensor, to fill what nothing reads:
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    return {
        "device": "cpu",
        "processor": processor_name(),
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
        "python": platform.python_version(),
    }


def processors() -> int:
    """Processors that this process may run on, or fewer if `OMP_NUM_THREADS` says so."""
    mine = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)
    wanted = os.environ.get("OMP_NUM_THREADS", "")
    return min(mine, int(wanted)) if wanted.isdecimal() and int(wanted) > 0 else mine


def processor_name() -> str:
    """The processor as the kernel names it."""
    try:
        with open("/proc/cpuinfo") as lines:  # noqa: PTH123 (a kernel file, read line by line)
            return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "")
    except OSError:
        return platform.processor()
