"""Peak memory of one job, from the kernel's high-water mark of this process.

The mark is reset when the job begins.
"""

import resource
import sys
from pathlib import Path

CLEAR_REFS = Path("/proc/self/clear_refs")
STATUS = Path("/proc/self/status")


def reset_peak() -> None:
    """Reset the mark to the current use (Linux only).

    Elsewhere the peak of the whole process is reported.
    """
    if CLEAR_REFS.exists():
        try:
            CLEAR_REFS.write_text("5")
        except OSError:  # not permitted in some containers: the peak is then that of all jobs so far
            return


def peak_bytes() -> int:
    """Return the high-water mark in bytes."""
    if STATUS.exists():
        for line in STATUS.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
