"""Room for a file that arrives in one request, reserved for the time that this takes.

A reservation is a lease. It is renewed while bytes arrive, so it soon ends with its process.
"""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import anyio
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.db.models import Reservation
from app.db.session import async_session
from app.errors import StalledError
from app.uploads import holding, quota

STEP = 16 * 1024 * 1024
"""Bytes between two notes of how much has arrived, and reserved at once for an unknown size."""
LEASE_SECONDS = 120.0  # longer than a body may stall, and than it takes to store the end of a file
RENEW_SECONDS = 10.0


class Room:
    """A reservation of `size` bytes, which grows up to `limit` if the size was not announced."""

    def __init__(self, row: Reservation, limit: int) -> None:
        self._id, self._project_id, self._size, self._limit = row.id, row.project_id, row.size_bytes, limit
        self._noted, self._noted_at = 0, time.monotonic()

    async def counted(self, stream: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """Yield the chunks of a body, within the room reserved.

        Raises as `quota.check`, and `StalledError` when no chunk arrives.
        """
        total, chunks = 0, aiter(stream)
        while (chunk := await _next(chunks)) is not None:
            total += len(chunk)
            due = time.monotonic() - self._noted_at > RENEW_SECONDS
            if total <= self._limit and (due or total > self._size or total - self._noted >= STEP):
                await self._note(total)
            yield chunk

    def release(self, session: Session) -> None:
        """End the reservation in the transaction in which the file gets its owner."""
        session.execute(delete(Reservation).where(Reservation.id == self._id))

    async def _note(self, received: int) -> None:
        size = self._size if received <= self._size else min(received + STEP, self._limit)

        def note(session: Session) -> None:
            mine = (Reservation.id == self._id) & (Reservation.expires_at > func.now())
            row = session.execute(select(Reservation).where(mine).with_for_update()).scalar_one_or_none()
            if row is None:  # storing the last chunk took longer than the lease: others may have the room now
                self.release(session)
                row = Reservation(id=self._id, project_id=self._project_id, size_bytes=0)
            if size > row.size_bytes:
                quota.check(session, self._project_id, size - row.size_bytes)
            row.size_bytes, row.received, row.expires_at = size, received, _lease_end()
            session.add(row)

        async with async_session() as session:
            await session.run_sync(note)
        self._size, self._noted, self._noted_at = size, received, time.monotonic()


async def _next(chunks: AsyncIterator[bytes]) -> bytes | None:
    try:
        with anyio.fail_after(holding.IDLE_SECONDS):
            return await anext(chunks, None)
    except TimeoutError:
        raise StalledError(
            "upload_stalled", f"Nothing arrived for {holding.IDLE_SECONDS:.0f} s. Send the file again."
        ) from None


def _lease_end() -> Any:
    return func.clock_timestamp() + timedelta(seconds=LEASE_SECONDS)


@asynccontextmanager
async def reserved(project_id: UUID, size: int, *, limit: int) -> AsyncIterator[Room]:
    """Reserve room. Raises: TooLargeError (the quota), StorageFullError."""

    def begin(session: Session) -> Room:
        quota.check(session, project_id, size)
        row = Reservation(project_id=project_id, size_bytes=size, expires_at=_lease_end())
        session.add(row)
        session.flush()
        return Room(row, limit)

    async with async_session() as session:
        room = await session.run_sync(begin)
    try:
        yield room
    finally:
        with anyio.CancelScope(shield=True):
            async with async_session() as session:
                await session.run_sync(room.release)
