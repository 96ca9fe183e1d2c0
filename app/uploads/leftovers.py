"""Removal of the stored bytes of an upload that ended, and of their key."""

import anyio

from app.db.moves import Leftover
from app.vault import quarantine


def remove_now(left: Leftover | None) -> None:
    """Delete the stored bytes of an upload that is not complete, if any."""
    if left is not None:
        quarantine.discard_parts(*left)


async def remove(left: Leftover | None) -> None:
    """Run `remove_now` in a thread."""
    await anyio.to_thread.run_sync(remove_now, left)


async def discard(key: str) -> None:
    """Delete a file in quarantine, even while the request is being cancelled."""
    with anyio.CancelScope(shield=True):
        await anyio.to_thread.run_sync(quarantine.discard, key)
