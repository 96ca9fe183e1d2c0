"""Queries over organisations."""

from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.subject import Subject, within_organisation
from app.db.models import Organisation
from app.errors import NotFoundError


def readable(subject: Subject) -> Select[Organisation]:
    """Select the organisations that the subject may see."""
    return within_organisation(select(Organisation), Organisation.id, subject)


async def get(session: AsyncSession, subject: Subject, organisation_id: UUID) -> Organisation:
    """Return an organisation.

    Raises `NotFoundError` when the subject may not see it or it does not exist.
    """
    statement = readable(subject).where(Organisation.id == organisation_id)
    found = (await session.execute(statement)).scalar_one_or_none()
    if found is None:
        raise NotFoundError("no_such_organisation", "There is no such organisation.")
    return found
