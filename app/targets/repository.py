"""Queries over targets."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.subject import Subject, within
from app.db.models import Release, Target
from app.errors import NotFoundError


def readable(subject: Subject) -> Select[Target]:
    """Select the targets that the subject may see."""
    return within(select(Target), Target.project_id, subject)


def with_newest_release(subject: Subject) -> Select[*tuple[Any, ...]]:
    """Select the targets with the number of their releases and the columns of the newest one."""
    own = (Release.target_id == Target.id, Release.twin_of.is_(None))
    newest = (
        select(Release.id, Release.version, Release.state, Release.created_at)
        .where(*own)
        .order_by(Release.created_at.desc(), Release.id.desc())
        .limit(1)
        .lateral("newest")
    )
    count = select(func.count()).select_from(Release).where(*own).correlate(Target).scalar_subquery()
    columns = (column.label(f"newest_{column.key}") for column in newest.c)
    return readable(subject).add_columns(count.label("release_count"), *columns).outerjoin(newest, true())


async def get(session: AsyncSession, subject: Subject, target_id: UUID) -> Target:
    """Return a target.

    Raises `NotFoundError` when the subject may not see it or it does not exist.
    """
    found = (await session.execute(readable(subject).where(Target.id == target_id))).scalar_one_or_none()
    if found is None:
        raise NotFoundError("no_such_target", "There is no such target.")
    return found
