"""Queries over sources and their changes."""

from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.scopes import Scope
from app.auth.subject import Subject, within
from app.db.models import Source, SourceChange
from app.errors import NotFoundError
from app.kit.cursor import Keyset
from app.kit.listing import Listing, equals, text_of

LISTING = Listing(
    Source.id,
    sorts={"created_at": Source.created_at, "name": Source.name},
    search=text_of(Source.name, Source.address, Source.created_by),
    prefix="src",
    filters={"target_id": equals(Source.target_id), "kind": equals(Source.kind), "active": equals(Source.active)},
)
NEWEST_CHANGE_FIRST = Keyset((SourceChange.created_at.expression, SourceChange.id.expression), descending=True)


def readable(subject: Subject) -> Select[Source]:
    """Select the sources that the subject may see."""
    subject.require(Scope.AUDITS_READ)
    return within(select(Source), Source.project_id, subject)


def readable_changes(subject: Subject) -> Select[SourceChange]:
    """Select the changes that the subject may see."""
    subject.require(Scope.AUDITS_READ)
    return within(select(SourceChange), SourceChange.project_id, subject)


async def get(session: AsyncSession, subject: Subject, source_id: UUID) -> Source:
    """Return a source. Raises: NotFoundError if there is none that the subject may see."""
    found = (await session.execute(readable(subject).where(Source.id == source_id))).scalar_one_or_none()
    if found is None:
        raise NotFoundError("no_such_source", "There is no such source.")
    return found
