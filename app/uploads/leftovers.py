"""What a store holds of an upload that ended before it was complete, and its removal."""

from typing import Any

import anyio

from app.db.models import Upload
from app.storage.store import store

Leftover = tuple[str, dict[str, Any]] | None


def of(upload: Upload) -> Leftover:
    """The place of the file; the row lets go of it."""
    key, parts = upload.object_key, upload.parts
    upload.object_key, upload.parts = None, {}
    return None if key is None else (key, parts)


def remove_now(left: Leftover) -> None:
    """Delete what there is; nothing is no error."""
    if left is not None:
        key, parts = left
        store().incoming(key, 0, parts).abort()


async def remove(left: Leftover) -> None:
    """`remove_now`, in a thread."""
    await anyio.to_thread.run_sync(remove_now, left)
