"""Creating and listing targets."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth import audit_log
from app.auth.scopes import Scope
from app.auth.subject import Subject
from app.db.models import Target
from app.errors import ConflictError
from app.kit.ids import public_id
from app.kit.listing import Listing, listed, text_of
from app.kit.unique import unique_violation
from app.targets import repository, schemas

LISTING = Listing(
    Target.id,
    sorts={"created_at": Target.created_at, "name": Target.name},
    search=text_of(Target.name, Target.description),
    prefix="tgt",
)


async def create(
    session: AsyncSession, subject: Subject, project_id: UUID, body: schemas.TargetCreate
) -> schemas.Target:
    """Create a target."""
    subject.require(Scope.TARGETS_WRITE)
    target = Target(project_id=project_id, name=body.name, description=body.description)
    async with unique_violation(session, ConflictError("name_taken", f"A target named {body.name!r} already exists.")):
        session.add(target)
        await session.flush()
    await session.refresh(target)
    identifier, details = public_id("tgt", target.id), {"name": target.name}
    await audit_log.write(session, subject, "target.created", identifier, project_id=project_id, details=details)
    return schemas.Target.model_validate(target)


async def page(
    session: AsyncSession, subject: Subject, project_id: UUID, asked: schemas.TargetQuery
) -> schemas.TargetPage:
    """List the targets of a project, newest first."""
    statement = repository.with_newest_release(subject).where(Target.project_id == project_id)
    rows, following = await listed(session, statement, LISTING, asked)
    return schemas.TargetPage(items=[_listed(row) for row in rows], next_cursor=following)


def _listed(row: Row[*tuple[Any, ...]]) -> schemas.ListedTarget:
    newest = None
    if row.newest_id is not None:
        parts = {name: getattr(row, f"newest_{name}") for name in schemas.NewestRelease.model_fields}
        newest = schemas.NewestRelease(**parts)
    target = schemas.Target.model_validate(row[0])
    return schemas.ListedTarget(**dict(target), release_count=row.release_count, newest_release=newest)
