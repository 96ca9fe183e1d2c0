"""Queries over targets."""

from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.subject import Subject, within
from app.db.models import Target
from app.errors import NotFoundError


def readable(subject: Subject) -> Select[Target]:
    """The targets the subject may see."""
    return within(select(Target), Target.project_id, subject)


async def get(session: AsyncSession, subject: Subject, target_id: UUID) -> Target:
    """One target; `NotFoundError` when there is none, or none that the subject may see."""
    found = (await session.execute(readable(subject).where(Target.id == target_id))).scalar_one_or_none()
    if found is None:
        raise NotFoundError("no_such_target", "There is no such target.")
    return found
