"""What a project may hold: counted before the first byte of an upload is stored."""

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from app.db.models import Release, Upload
from app.db.states import UploadState
from app.errors import TooLargeError, TooManyRequestsError
from app.settings import settings
from app.uploads.owners import KINDS

LOCK_CLASS = 0x65787175  # "exqu": first half of the advisory lock of a project's quota


def held_bytes(session: Session, project_id: UUID) -> int:
    """Bytes of stored files, of originals kept beside them, and of the whole of every upload that has begun."""
    total: int = 0
    for kind in KINDS:
        stored = select(func.coalesce(func.sum(kind.table.size_bytes), 0)).where(
            kind.table.project_id == project_id, kind.table.object_key.is_not(None)
        )
        total += session.execute(stored).scalar_one() or 0
    originals = select(func.coalesce(func.sum(Release.size_bytes), 0)).where(
        Release.project_id == project_id, Release.original_key.is_not(None)
    )
    total += session.execute(originals).scalar_one() or 0
    begun = select(func.coalesce(func.sum(Upload.length), 0)).where(
        Upload.project_id == project_id, Upload.state == UploadState.RECEIVING
    )
    return total + (session.execute(begun).scalar_one() or 0)


def check(session: Session, project_id: UUID, more: int) -> None:
    """`TooLargeError` unless `more` bytes still fit. Holds others of the project off until the transaction ends."""
    session.execute(select(func.pg_advisory_xact_lock(LOCK_CLASS, func.hashtext(str(project_id)))))
    held, limit = held_bytes(session, project_id), settings().max_project_bytes
    if held + more > limit:
        raise TooLargeError(
            "quota_exceeded",
            f"The project holds {held:,} of {limit:,} bytes, and this file has {more:,}. "
            "Delete unfinished uploads, or ask the operator for more (EXHUME_MAX_PROJECT_BYTES).",
        )


async def limit(session: AsyncSession, project_id: UUID, most: int, announced: int | None) -> int:
    """How large a file sent in one stream may be: `most`, or what is left of the quota; checked if its size is told."""
    if announced is not None:
        await session.run_sync(check, project_id, announced)
        return most
    return max(0, min(most, settings().max_project_bytes - await session.run_sync(held_bytes, project_id)))


async def check_open(session: AsyncSession, project_id: UUID) -> None:
    """`TooManyRequestsError` when the project has as many unfinished uploads as it may."""
    statement = select(func.count()).where(Upload.project_id == project_id, Upload.state == UploadState.RECEIVING)
    limit = settings().max_open_uploads
    if (await session.execute(statement)).scalar_one() >= limit:
        raise TooManyRequestsError(
            "too_many_uploads", f"The project has {limit} unfinished uploads; finish or delete some of them."
        )
