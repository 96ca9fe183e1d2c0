"""Scratch folder of a job. What a killed worker left behind is deleted by the next worker or job.

It may hold images of people. A lock, which the kernel drops with the process that holds it, tells
whether a folder is in use, also by workers in other containers that share the file system.
"""

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import structlog

from worker.job.place import places

log = structlog.get_logger(__name__)

PREFIX = "exhume-job-"
LOCK, UNLOCKED, WORK = "lock", "lock-not-held-yet", "work"
NEW_SECONDS = 60.0
"""A folder without a lock may have been made a moment ago."""


@contextmanager
def scratch_folder(within: Path) -> Iterator[Path]:
    """Make an empty private folder within another, and delete it afterwards."""
    sweep()
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=within))
    lock = os.open(folder / UNLOCKED, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        (folder / UNLOCKED).rename(folder / LOCK)  # nobody sees it before it is held
        work = folder / WORK
        work.mkdir(mode=0o700)
        yield work
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def sweep() -> int:
    """Delete the folders of jobs whose process has ended. Return their number."""
    gone = 0
    for folder in (folder for place in places() for folder in place.glob(f"{PREFIX}*")):
        if is_abandoned(folder):
            shutil.rmtree(folder, ignore_errors=True)
            gone += 1
    if gone:
        log.warning("job.scratch_swept", folders=gone)
    return gone


def is_abandoned(folder: Path) -> bool:
    """Return whether no process uses the folder."""
    with suppress(OSError):  # of another user, or deleted meanwhile
        if not (folder / LOCK).exists():
            return time.time() - folder.stat().st_mtime > NEW_SECONDS
        lock = os.open(folder / LOCK, os.O_RDWR | os.O_CLOEXEC)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        finally:
            os.close(lock)
        return True
    return False
