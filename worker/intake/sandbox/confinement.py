"""What the child gives up before it opens the file."""

from __future__ import annotations

import ctypes
import resource
import signal
import sys
from pathlib import Path
from typing import Any

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS = 1, 4, 38


def confine(limits: dict[str, Any], input_path: str, work: str) -> None:
    """Set the limits on memory, processor time, files and core dumps; die with the parent; gain no privileges."""
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        for option, value in (
            (_PR_SET_PDEATHSIG, signal.SIGKILL),
            (_PR_SET_DUMPABLE, 0),
            (_PR_SET_NO_NEW_PRIVS, 1),
        ):
            if libc.prctl(option, int(value), 0, 0, 0):
                raise OSError(ctypes.get_errno(), f"prctl({option})")
    for kind, value in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_CPU, int(limits["cpu_seconds"])),
        (resource.RLIMIT_FSIZE, int(limits["file_bytes"])),
        (resource.RLIMIT_NOFILE, 256),
        (resource.RLIMIT_AS, int(limits["memory_bytes"])),
    ):
        _limit(kind, value)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a write past the limit then fails with EFBIG
    Path(work).resolve(strict=True)
    Path(input_path).resolve(strict=True)


def _limit(kind: int, value: int) -> None:
    _, hard = resource.getrlimit(kind)
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    if sys.platform == "darwin" and kind == resource.RLIMIT_AS:
        return  # macOS knows the limit but refuses to set it
    resource.setrlimit(kind, (value, value))
