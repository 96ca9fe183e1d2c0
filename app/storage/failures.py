"""Translation of store failures into errors for users."""

import errno

from app.errors import StorageFullError
from app.storage.room import FULL

NO_SPACE = "os error 28"  # ENOSPC as obstore reports it


def translated(error: Exception) -> Exception:
    """Return `StorageFullError` when the disk is full, else the error itself."""
    full = getattr(error, "errno", None) in {errno.ENOSPC, errno.EDQUOT} or NO_SPACE in str(error)
    return StorageFullError("storage_full", FULL) if full else error
