"""The right to write to an upload: one request at a time across all API processes, by a lease.

The lease is in the upload's row. A client whose connection broke may return before the server
notices the break. Within a process, the newer request ends the older one. Across processes, it has
to wait until the lease expires.
"""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import anyio
from sqlalchemy import func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import Upload
from app.db.session import async_session
from app.db.states import UploadState
from app.errors import ConflictError, GoneError, LockedError
from app.settings import settings

LEASE_SECONDS = 30.0
IDLE_SECONDS = 20.0  # without a byte. Below the lease, so that a holder never writes after its end
RENEW_SECONDS = 5.0
YIELD_SECONDS = 10.0


@dataclass(eq=False)
class Hold:
    """The right to write to an upload. `receiving` is cancelled when a newer request wants it."""

    upload_id: UUID
    token: UUID = field(default_factory=uuid4)
    renewed: float = field(default_factory=time.monotonic)
    receiving: anyio.CancelScope = field(default_factory=anyio.CancelScope)
    ended: anyio.Event = field(default_factory=anyio.Event)
    wanted: bool = False  # by a newer request
    kept: tuple[int, dict[str, Any]] | None = None  # written to the row when the hold ends

    @property
    def due(self) -> bool:
        """True when the lease should be renewed before anything else is written."""
        return time.monotonic() - self.renewed > RENEW_SECONDS


_holds: dict[UUID, Hold] = {}


async def interrupt(upload_id: UUID) -> None:
    """End the request of this process that writes to the upload.

    Returns when the bytes that it received are safe.
    """
    hold = _holds.get(upload_id)
    if hold is not None:
        hold.wanted = True
        hold.receiving.cancel()
        with anyio.move_on_after(YIELD_SECONDS):
            await hold.ended.wait()


@asynccontextmanager
async def held(upload_id: UUID) -> AsyncIterator[tuple[Hold, Upload]]:
    """Hold the upload.

    Raises: LockedError (another process holds it), GoneError or ConflictError (it has ended).
    """
    await interrupt(upload_id)
    hold = Hold(upload_id)
    upload = await _claim(hold)
    _holds[upload_id] = hold
    try:
        yield hold, upload
    finally:
        with anyio.CancelScope(shield=True):
            try:
                await _release(hold)
            finally:
                if _holds.get(upload_id) is hold:
                    del _holds[upload_id]
                hold.ended.set()


async def _claim(hold: Hold) -> Upload:
    async with async_session() as session:
        statement = (
            update(Upload)
            .where(
                Upload.id == hold.upload_id,
                Upload.state == UploadState.RECEIVING,
                Upload.address.is_(None),
                or_(Upload.lease_until.is_(None), Upload.lease_until < func.clock_timestamp()),
            )
            .values(lease_id=hold.token, lease_until=_lease_end())
            .returning(Upload)
        )
        upload = (await session.execute(statement)).scalar_one_or_none()
        if upload is None:
            found = await session.get(Upload, hold.upload_id)
            if found is not None and found.address is not None:
                raise imported()
            if found is not None and found.state == UploadState.RECEIVING:
                raise LockedError(
                    "upload_locked", "Another connection is writing to this upload.", headers={"Retry-After": "5"}
                )
            raise ended(found)
    return upload


def ended(upload: Upload | None) -> ConflictError | GoneError:
    """Return the error of writing to an upload that has ended."""
    if upload is not None and upload.state == UploadState.COMPLETE:
        return ConflictError("upload_complete", "This upload is complete.")
    state = "deleted" if upload is None else upload.state
    detail = (upload.problem or {}).get("detail", "") if upload is not None else ""
    return GoneError("upload_ended", f"This upload is {state}. Begin a new one. {detail}".strip())


def imported() -> ConflictError:
    """Return the error of writing to an import."""
    return ConflictError("upload_is_import", "The service fetches this file itself. Begin a new upload.")


async def renew(hold: Hold, received: int, parts: dict[str, Any]) -> None:
    """Record what is safe and extend the lease. Raises: GoneError if the upload has ended."""
    async with async_session() as session:
        await _note(session, hold, {"received": received, "parts": parts, "lease_until": _lease_end()})
    hold.renewed = time.monotonic()


async def confirm(session: AsyncSession, hold: Hold) -> Upload:
    """Return the row, locked until the transaction ends. Raises: GoneError if it is not held."""
    statement = select(Upload).where(Upload.id == hold.upload_id, Upload.lease_id == hold.token).with_for_update()
    upload = (await session.execute(statement)).scalar_one_or_none()
    if upload is None or upload.state != UploadState.RECEIVING:
        raise ended(upload)
    return upload


async def _release(hold: Hold) -> None:
    values: dict[str, Any] = {"lease_id": None, "lease_until": None}
    if hold.kept is not None:
        values |= {"received": hold.kept[0], "parts": hold.kept[1], "expires_at": expiry()}
    mine = (Upload.id == hold.upload_id) & (Upload.lease_id == hold.token)
    async with async_session() as session:
        await session.execute(update(Upload).where(mine, Upload.state == UploadState.RECEIVING).values(**values))


async def _note(session: AsyncSession, hold: Hold, values: dict[str, Any]) -> None:
    statement = (
        update(Upload)
        .where(Upload.id == hold.upload_id, Upload.lease_id == hold.token, Upload.state == UploadState.RECEIVING)
        .values(expires_at=expiry(), **values)
        .returning(Upload.id)
    )
    if (await session.execute(statement)).first() is None:
        raise ended(await session.get(Upload, hold.upload_id))


def expiry() -> Any:
    """Return SQL for the expiry of an upload that has just received bytes."""
    return func.clock_timestamp() + timedelta(hours=settings().upload_hours)


def _lease_end() -> Any:
    return func.clock_timestamp() + timedelta(seconds=LEASE_SECONDS)
