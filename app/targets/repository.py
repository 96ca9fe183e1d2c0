"""Queries over targets."""

from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.subject import Subject, within
from app.db.models import Target
from app.errors import NotFoundError


def readable(subject: Subject) -> Select[Target]:
    """Select the targets that the subject may see."""
    return within(select(Target), Target.project_id, subject)


async def get(session: AsyncSession, subject: Subject, target_id: UUID) -> Target:
    """Return a target.

    Raises `NotFoundError` when the subject may not see it or it does not exist.
    """
    found = (await session.execute(readable(subject).where(Target.id == target_id))).scalar_one_or_none()
    if found is None:
        raise NotFoundError("no_such_target", "There is no such target.")
    return found
