"""The folder in memory that decrypted files belong in, and how much it may hold.

What it holds counts as memory of the machine and of the container.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from app.observability.processor import LIMITS
from app.storage.room import free_bytes

FOLDER = Path("/dev/shm")  # noqa: S108 - a file system in memory, where folders of one user are private
MOUNTS = Path("/proc/self/mounts")
MEMINFO = Path("/proc/meminfo")
SHARE = 2
"""Files may use this fraction (1/2) of the memory that is left."""


def available() -> bool:
    """Tell whether the folder is there, in memory, and open to this user."""
    try:
        mounted = [line.split()[1:3] for line in MOUNTS.read_text().splitlines()]
    except OSError:
        return False
    return [str(FOLDER), "tmpfs"] in mounted and os.access(FOLDER, os.W_OK | os.X_OK)


def room() -> int:
    """Return how many bytes the folder may take now. 0 if it is not available."""
    if not available():
        return 0
    return min(free_bytes(FOLDER), *(left // SHARE for left in _left()))


def _left() -> Iterator[int]:
    """Yield the memory that is left to the machine, and to the container if it has a limit."""
    with suppress(OSError, StopIteration, ValueError):
        lines = MEMINFO.read_text().splitlines()
        yield int(next(line for line in lines if line.startswith("MemAvailable:")).split()[1]) * 1024
    for limit, used in LIMITS:
        with suppress(OSError, ValueError):  # `max` means no limit
            yield max(0, int(limit.read_text()) - int(used.read_text()))
