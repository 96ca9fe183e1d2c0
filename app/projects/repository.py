"""Queries over projects."""

from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.subject import Subject, within
from app.db.models import Project
from app.errors import NotFoundError


def readable(subject: Subject) -> Select[Project]:
    """Select the projects that the subject may see."""
    return within(select(Project).where(Project.deleted_at.is_(None)), Project.id, subject)


async def get_ever(session: AsyncSession, subject: Subject, project_id: UUID) -> Project:
    """Return a project, or what remains of a deleted one: its audit log and receipts.

    Raises: NotFoundError.
    """
    statement = within(select(Project), Project.id, subject).where(Project.id == project_id)
    found = (await session.execute(statement)).scalar_one_or_none()
    if found is None:
        raise NotFoundError("no_such_project", "There is no such project.")
    return found


async def get(session: AsyncSession, subject: Subject, project_id: UUID) -> Project:
    """Return a project.

    Raises `NotFoundError` when the subject may not see it or it does not exist.
    """
    found = (await session.execute(readable(subject).where(Project.id == project_id))).scalar_one_or_none()
    if found is None:
        raise NotFoundError("no_such_project", "There is no such project.")
    return found
