"""Removal of the stored bytes of an upload that ended before it was complete."""

import anyio

from app.db.moves import Leftover
from app.storage.store import store


def remove_now(left: Leftover | None) -> None:
    """Delete the stored bytes, if any."""
    if left is not None:
        key, parts = left
        store().incoming(key, 0, parts).abort()


async def remove(left: Leftover | None) -> None:
    """Run `remove_now` in a thread."""
    await anyio.to_thread.run_sync(remove_now, left)
