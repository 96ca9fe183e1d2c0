"""Queries over uploads."""

from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.subject import Subject, within
from app.db.models import Upload
from app.errors import NotFoundError
from app.kit.listing import Listing, equals, text_of
from app.uploads.owners import owner_of

LISTING = Listing(
    Upload.id,
    sorts={"created_at": Upload.created_at},
    search=text_of(Upload.filename, Upload.address, Upload.requested_by),
    prefix="upl",
    filters={"state": equals(Upload.state)},
)


def readable(subject: Subject) -> Select[Upload]:
    """Select the uploads that the subject may see."""
    return within(select(Upload), Upload.project_id, subject)


async def require_writable(session: AsyncSession, subject: Subject, upload_id: UUID) -> None:
    """Raise `ForbiddenError` unless the subject may upload to the owner. Raises as `get`."""
    kind, _ = owner_of(await get(session, subject, upload_id))
    subject.require(kind.scope)


async def get(session: AsyncSession, subject: Subject, upload_id: UUID, *, lock: bool = False) -> Upload:
    """Return an upload. Raises: NotFoundError if there is none that the subject may see."""
    statement = readable(subject).where(Upload.id == upload_id)
    if lock:
        statement = statement.with_for_update()
    found = (await session.execute(statement, execution_options={"populate_existing": True})).scalar_one_or_none()
    if found is None:
        raise NotFoundError("no_such_upload", "There is no such upload. Begin a new one.")
    return found
