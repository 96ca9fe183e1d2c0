"""The processor of this machine, as the kernel describes it."""

import os
import platform
from contextlib import suppress
from pathlib import Path

CPUINFO = Path("/proc/cpuinfo")
LIMITS = (
    (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory.current")),
    (Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"), Path("/sys/fs/cgroup/memory/memory.usage_in_bytes")),
)
"""Limit and use of a container's memory, in the two versions of control groups."""
BF16_FLAGS = frozenset({"amx_bf16", "avx512_bf16", "bf16"})  # for x86-64 and Arm


def processor_name() -> str:
    """Return the kernel's name of the processor."""
    return _first("model name") or platform.processor()


def processor_flags() -> frozenset[str]:
    """Return the instruction sets of the first processor, or nothing if the kernel lists none."""
    return frozenset((_first("flags") or _first("Features")).split())


def processors() -> int:
    """Return the number of processors for this process, limited by `OMP_NUM_THREADS`."""
    mine = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)
    wanted = os.environ.get("OMP_NUM_THREADS", "")
    return min(mine, int(wanted)) if wanted.isdecimal() and int(wanted) > 0 else mine


def machine_memory() -> int:
    """Return the bytes of memory of this machine, or of this container if it has less."""
    found = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for limit, _ in LIMITS:
        with suppress(OSError, ValueError):  # `max` means no limit
            found.append(int(limit.read_text()))
    return min(found)


def _first(name: str) -> str:
    """Return the first value of a field that the kernel gives for each processor."""
    try:
        with CPUINFO.open() as lines:
            return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "")
    except OSError:
        return ""
