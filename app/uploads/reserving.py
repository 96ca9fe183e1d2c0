"""Room for a file that arrives in one request, reserved for the time that this takes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import anyio
from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.db.models import Reservation
from app.db.session import async_session
from app.uploads import holding, quota

STEP = 16 * 1024 * 1024
"""Bytes between two notes of how much has arrived, and reserved at once for an unknown size."""


class Room:
    """A reservation of `size` bytes, which grows up to `limit` if the size was not announced."""

    def __init__(self, row_id: UUID, size: int, limit: int) -> None:
        self._id, self._size, self._limit, self._noted = row_id, size, limit, 0

    async def counted(self, stream: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """Yield the chunks of a body, within the room reserved. Raises as `quota.check`."""
        total = 0
        async for chunk in stream:
            total += len(chunk)
            if total <= self._limit and (total > self._size or total - self._noted >= STEP):
                await self._note(total)
            yield chunk

    def release(self, session: Session) -> None:
        """End the reservation in the transaction in which the file gets its owner."""
        session.execute(delete(Reservation).where(Reservation.id == self._id))

    async def _note(self, received: int) -> None:
        size = self._size if received <= self._size else min(received + STEP, self._limit)

        def note(session: Session) -> None:
            row = session.get(Reservation, self._id)
            if row is None:  # it took longer than a reservation lasts
                return
            if size > row.size_bytes:
                quota.check(session, row.project_id, size - row.size_bytes)
            row.size_bytes, row.received = size, received

        async with async_session() as session:
            await session.run_sync(note)
        self._size, self._noted = size, received


@asynccontextmanager
async def reserved(project_id: UUID, size: int, *, limit: int) -> AsyncIterator[Room]:
    """Reserve room. Raises: TooLargeError (the quota), StorageFullError."""

    def begin(session: Session) -> UUID:
        quota.check(session, project_id, size)
        row = Reservation(project_id=project_id, size_bytes=size, expires_at=holding.expiry())
        session.add(row)
        session.flush()
        return row.id

    async with async_session() as session:
        room = Room(await session.run_sync(begin), size, limit)
    try:
        yield room
    finally:
        with anyio.CancelScope(shield=True):
            async with async_session() as session:
                await session.run_sync(room.release)
