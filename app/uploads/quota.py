"""The quota of a project and the room on the disk, checked before bytes are stored."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from app.db.models import ProjectLimit, Release, Reservation, Upload
from app.db.states import UploadState
from app.db.tenancy import of_all_tenants
from app.errors import TooLargeError, TooManyRequestsError
from app.settings import settings
from app.storage.room import check_room
from app.storage.store import store
from app.uploads.owners import KINDS, owner_of

LOCK_CLASS = 0x65787175  # "exqu": first half of the advisory lock of a project's quota
DISK = 0x65786469  # "exdi": the advisory lock of the disk
ALIVE = Reservation.expires_at > func.now()
"""Reservations of requests that are still receiving. The scheduler deletes the others."""
MOST_OF_OWNER = 3
"""Unfinished uploads of one release, data set or verifier, which takes one file."""


def held_bytes(session: Session, project_id: UUID) -> int:
    """Return the bytes of a project, with unfinished uploads in full.

    A file counts as it was sent until it is checked, and then as it is stored. One statement reads
    everything, so that a file which changes hands meanwhile counts once.
    """
    parts: list[Select[Any]] = [
        select(func.sum(func.coalesce(kind.table.stored_bytes, kind.table.size_bytes))).where(
            kind.table.project_id == project_id, kind.table.object_key.is_not(None)
        )
        for kind in KINDS
    ]
    parts += [
        select(func.sum(Release.size_bytes)).where(Release.project_id == project_id, Release.original_key.is_not(None)),
        select(func.sum(Upload.length)).where(Upload.project_id == project_id, Upload.state == UploadState.RECEIVING),
        select(func.sum(Reservation.size_bytes)).where(Reservation.project_id == project_id, ALIVE),
    ]
    sums = session.execute(select(*(func.coalesce(part.scalar_subquery(), 0) for part in parts))).one()
    return sum(map(int, sums))


def allowed_bytes(session: Session, project_id: UUID) -> int:
    """Return the bytes that a project may hold."""
    own = select(ProjectLimit.stored_bytes).where(ProjectLimit.project_id == project_id)
    found = session.execute(own).scalar_one_or_none()
    return settings().max_project_bytes if found is None else found


def check(session: Session, project_id: UUID, more: int) -> None:
    """Raise unless `more` bytes fit into the quota and onto the disk.

    Locks both until the transaction ends, so that what is reserved in it counts for the next.

    Raises: TooLargeError, StorageFullError.
    """
    lock(session, project_id)
    held, limit = held_bytes(session, project_id), allowed_bytes(session, project_id)
    if held + more > limit:
        raise exceeded(held, limit, more)
    session.execute(select(func.pg_advisory_xact_lock(DISK)))
    check_room(store().free_bytes(), promised_bytes(session) + more)


def lock(session: Session, project_id: UUID) -> None:
    """Lock the quota of a project until the transaction ends."""
    session.execute(select(func.pg_advisory_xact_lock(LOCK_CLASS, func.hashtext(str(project_id)))))


def exceeded(held: int, limit: int, more: int) -> TooLargeError:
    """Return the error of a file that does not fit into the quota."""
    return TooLargeError(
        "quota_exceeded",
        f"The project holds {held:,} of {limit:,} bytes, and this file has {more:,}. "
        "Delete unfinished uploads, or ask the operator for more (EXHUME_MAX_PROJECT_BYTES).",
    )


def promised_bytes(session: Session) -> int:
    """Return the bytes that unfinished uploads of all projects will still need on the disk."""
    begun = select(func.coalesce(func.sum(Upload.length - Upload.received), 0)).where(
        Upload.state == UploadState.RECEIVING
    )
    rest = func.greatest(Reservation.size_bytes - Reservation.received, 0)
    reserved = select(func.coalesce(func.sum(rest), 0)).where(ALIVE)
    with of_all_tenants(session):
        return int(session.execute(begun).scalar_one()) + int(session.execute(reserved).scalar_one())


def left(session: Session, project_id: UUID) -> int:
    """Return the bytes that are left of the quota."""
    return max(0, allowed_bytes(session, project_id) - held_bytes(session, project_id))


async def check_open(session: AsyncSession, upload: Upload) -> None:
    """Raise `TooManyRequestsError` if the project or the owner has too many unfinished uploads."""
    receiving = select(func.count()).where(
        Upload.project_id == upload.project_id, Upload.state == UploadState.RECEIVING
    )
    limit = settings().max_open_uploads
    if (await session.execute(receiving)).scalar_one() >= limit:
        raise TooManyRequestsError(
            "too_many_uploads", f"The project has {limit} unfinished uploads. Finish or delete some of them."
        )
    kind, owner_id = owner_of(upload)
    of_owner = receiving.where(getattr(Upload, kind.column) == owner_id)
    if (await session.execute(of_owner)).scalar_one() >= MOST_OF_OWNER:
        raise TooManyRequestsError(
            "too_many_uploads",
            f"This {kind.name} has {MOST_OF_OWNER} unfinished uploads. Finish one, or delete some of them.",
        )
