"""The quota of a project, checked before the first byte of an upload is stored."""

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
    """Return the bytes of stored files, of their originals, and of unfinished uploads in full."""
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
    """Raise `TooLargeError` unless `more` bytes fit.

    Locks the quota until the transaction ends.
    """
    session.execute(select(func.pg_advisory_xact_lock(LOCK_CLASS, func.hashtext(str(project_id)))))
    held, limit = held_bytes(session, project_id), settings().max_project_bytes
    if held + more > limit:
        raise TooLargeError(
            "quota_exceeded",
            f"The project holds {held:,} of {limit:,} bytes, and this file has {more:,}. "
            "Delete unfinished uploads, or ask the operator for more (EXHUME_MAX_PROJECT_BYTES).",
        )


async def limit(session: AsyncSession, project_id: UUID, most: int, announced: int | None) -> int:
    """Return the size limit of a file that is sent in one request.

    An announced size is checked against the quota. Without one, the limit is at most what is left
    of the quota.
    """
    if announced is not None:
        await session.run_sync(check, project_id, announced)
        return most
    return max(0, min(most, settings().max_project_bytes - await session.run_sync(held_bytes, project_id)))


async def check_open(session: AsyncSession, project_id: UUID) -> None:
    """Raise `TooManyRequestsError` when the project has too many unfinished uploads."""
    statement = select(func.count()).where(Upload.project_id == project_id, Upload.state == UploadState.RECEIVING)
    limit = settings().max_open_uploads
    if (await session.execute(statement)).scalar_one() >= limit:
        raise TooManyRequestsError(
            "too_many_uploads", f"The project has {limit} unfinished uploads. Finish or delete some of them."
        )
