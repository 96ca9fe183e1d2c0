"""Free space that is never used up: a full disk would also stop a PostgreSQL on the same disk."""

import shutil
from pathlib import Path

from app.errors import StorageFullError

SPARE_BYTES = 64 * 1024 * 1024
CHECKED_EVERY = 8 * 1024 * 1024
"""Bytes of a file that are written between two looks at the disk."""
FULL = "The object store is full. Nothing was stored. Free some space and upload again."


def free_bytes(folder: Path) -> int:
    """Return the free space of a folder's file system."""
    return shutil.disk_usage(folder).free


def check_room(free: int | None, size: int) -> None:
    """Raise `StorageFullError` unless `free` bytes hold `size` bytes and some to spare.

    A remote store has no limit (None).
    """
    if free is not None and free < size + SPARE_BYTES:
        raise StorageFullError("storage_full", FULL)
