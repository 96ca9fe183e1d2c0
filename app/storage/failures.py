"""What a store's failure means to a user."""

import errno

from app.errors import StorageFullError

NO_SPACE = "os error 28"  # ENOSPC, as obstore tells it
FULL = "The object store has no room left. Nothing was kept; free some space and send it again."


def translated(error: Exception) -> Exception:
    """`StorageFullError` when the disk is full, else the error itself."""
    full = getattr(error, "errno", None) in {errno.ENOSPC, errno.EDQUOT} or NO_SPACE in str(error)
    return StorageFullError("storage_full", FULL) if full else error
