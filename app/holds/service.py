"""Placing, listing and releasing legal holds."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.auth import audit_log
from app.auth.scopes import Scope
from app.auth.subject import Subject
from app.db.models import Audit, Dataset, LegalHold, Project, Release, Verifier
from app.errors import ConflictError, NotFoundError
from app.holds import repository, schemas
from app.kit.ids import parse_id, public_id
from app.kit.listing import listed

TABLES: dict[str, type[Any]] = {"prj": Project, "dst": Dataset, "rel": Release, "ver": Verifier, "aud": Audit}


async def place(session: AsyncSession, subject: Subject, project_id: UUID, body: schemas.HoldCreate) -> schemas.Hold:
    """Place a hold on something of this project."""
    subject.require(Scope.DATA_HOLD)
    prefix = body.subject[:3]
    row = await session.get(TABLES[prefix], parse_id(prefix, body.subject))
    if row is None or (row.id if prefix == "prj" else row.project_id) != project_id:
        raise NotFoundError("no_such_subject", "This project has nothing with this id.")
    hold = LegalHold(project_id=project_id, subject=body.subject, reason=body.reason, placed_by=subject.name)
    session.add(hold)
    await session.flush()
    await session.refresh(hold)
    details = {"hold": public_id("hld", hold.id), "reason": body.reason}
    await audit_log.write(session, subject, "hold.placed", body.subject, project_id=project_id, details=details)
    return schemas.Hold.model_validate(hold)


async def page(session: AsyncSession, subject: Subject, project_id: UUID, asked: schemas.HoldQuery) -> schemas.HoldPage:
    """List the holds of a project, newest first."""
    statement = repository.readable(subject).where(LegalHold.project_id == project_id)
    rows, following = await listed(session, statement, repository.LISTING, asked)
    return schemas.HoldPage(items=[schemas.Hold.model_validate(row[0]) for row in rows], next_cursor=following)


async def release(session: AsyncSession, subject: Subject, hold_id: UUID) -> schemas.Hold:
    """End a hold. Its subject may be deleted again."""
    hold = await repository.get(session, subject, hold_id)
    subject.require(Scope.DATA_HOLD)
    if hold.released_at is not None:
        raise ConflictError("hold_released", "This legal hold was released already.")
    hold.released_at, hold.released_by = datetime.now(UTC), subject.name
    await session.flush()
    details = {"hold": public_id("hld", hold.id)}
    await audit_log.write(session, subject, "hold.released", hold.subject, project_id=hold.project_id, details=details)
    return schemas.Hold.model_validate(hold)
