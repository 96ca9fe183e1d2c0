"""Creating, changing, checking and deleting sources."""

import base64
import os
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.auth import audit_log
from app.auth.scopes import Scope
from app.auth.subject import Subject
from app.db.models import Source, SourceChange
from app.errors import ConflictError, NotFoundError, UnprocessableError
from app.imports import allowlist
from app.kit.crypto import seal, subkey
from app.kit.cursor import fetch_page
from app.kit.ids import public_id
from app.kit.listing import listed
from app.kit.unique import unique_violation
from app.releases import architectures, convention
from app.schedules import repository as schedules
from app.settings import settings
from app.sources import addresses, repository, schemas
from app.targets import repository as targets

PURPOSE = "source"


async def create(
    session: AsyncSession, subject: Subject, project_id: UUID, body: schemas.SourceCreate
) -> schemas.NewSource:
    """Create a source. What no check could ever fetch is rejected here."""
    subject.require(Scope.TARGETS_WRITE)
    watched = body.watched()
    allowlist.check(addresses.permission(watched), settings())
    target = await targets.get(session, subject, body.target_id)
    if target.project_id != project_id:
        raise NotFoundError("no_such_target", "There is no such target in this project.")
    await _check_schedule(session, subject, body.schedule_id, target.id)
    architectures.check(body.release.architecture)
    convention.check(body.release.convention)
    secret = base64.urlsafe_b64encode(os.urandom(32)).decode().rstrip("=")
    made = Source(
        project_id=project_id,
        target_id=target.id,
        schedule_id=body.schedule_id,
        name=body.name,
        kind=watched.kind,
        address=body.address,
        release=body.release.stored(),
        check_seconds=body.check_seconds,
        write_back=body.write_back,
        pass_alias=body.pass_alias,
        sealed_secret=seal(subkey(PURPOSE), secret.encode(), secret_context(project_id)),
        next_check_at=datetime.now(UTC),
        created_by=subject.name[:100],
    )
    async with unique_violation(session, _taken(body.name)):
        session.add(made)
        await session.flush()
    await session.refresh(made)
    details: dict[str, object] = {"name": made.name, "address": made.address}
    await _log(session, subject, "source.created", made, details)
    path = f"/api/v1/sources/{public_id('src', made.id)}/webhook"
    shown = schemas.Source.model_validate(made).model_dump()
    return schemas.NewSource(**shown, webhook_path=path, webhook_secret=secret)


async def update(
    session: AsyncSession, subject: Subject, source_id: UUID, body: schemas.SourceUpdate
) -> schemas.Source:
    """Change a source."""
    subject.require(Scope.TARGETS_WRITE)
    found = await repository.get(session, subject, source_id)
    await _check_schedule(session, subject, body.schedule_id, found.target_id)
    async with unique_violation(session, _taken(body.name or found.name)):
        for name in body.model_fields_set:
            setattr(found, name, getattr(body, name))
        await session.flush()
    if (found.write_back or found.pass_alias) and not found.address.startswith("models:/"):
        raise UnprocessableError("source_address", "Only a models:/ address can be written to.")
    await _log(session, subject, "source.changed", found, {"changed": sorted(body.model_fields_set)})
    return schemas.Source.model_validate(found)


async def check_now(session: AsyncSession, subject: Subject, source_id: UUID) -> schemas.Source:
    """Let the scheduler check a source next, and retry a revision that failed."""
    subject.require(Scope.TARGETS_WRITE)
    found = await repository.get(session, subject, source_id)
    found.next_check_at, found.seen = datetime.now(UTC), None
    await session.flush()
    return schemas.Source.model_validate(found)


async def delete(session: AsyncSession, subject: Subject, source_id: UUID) -> None:
    """Delete a source and the list of its changes. Its releases stay."""
    subject.require(Scope.TARGETS_WRITE)
    found = await repository.get(session, subject, source_id)
    await _log(session, subject, "source.deleted", found, {"name": found.name})
    await session.delete(found)


async def page(
    session: AsyncSession, subject: Subject, project_id: UUID, asked: schemas.SourceQuery
) -> schemas.SourcePage:
    """List the sources of a project, newest first."""
    statement = repository.readable(subject).where(Source.project_id == project_id)
    rows, following = await listed(session, statement, repository.LISTING, asked)
    return schemas.SourcePage(items=[schemas.Source.model_validate(row[0]) for row in rows], next_cursor=following)


async def changes(
    session: AsyncSession, subject: Subject, source_id: UUID, *, limit: int, cursor: str | None
) -> schemas.SourceChangePage:
    """List the changes of a source, newest first."""
    found = await repository.get(session, subject, source_id)
    statement = repository.readable_changes(subject).where(SourceChange.source_id == found.id)
    keyset = repository.NEWEST_CHANGE_FIRST
    rows, following = await fetch_page(session, statement, keyset, limit=limit, cursor=cursor)
    items = [schemas.SourceChange.model_validate(row[0]) for row in rows]
    return schemas.SourceChangePage(items=items, next_cursor=following)


def secret_context(project_id: UUID) -> str:
    """Return the context in which the secret of a source is sealed."""
    return f"exhume/source/{project_id}"


async def _check_schedule(session: AsyncSession, subject: Subject, schedule_id: UUID | None, target_id: UUID) -> None:
    if schedule_id is None:
        return
    schedule = await schedules.get(session, subject, schedule_id)
    if schedule.target_id != target_id:
        raise NotFoundError("no_such_schedule", "There is no such schedule of this target.")


def _taken(name: str) -> ConflictError:
    return ConflictError("name_taken", f"A source named {name!r} already exists.")


async def _log(
    session: AsyncSession, subject: Subject, action: str, source: Source, details: dict[str, object]
) -> None:
    identifier = public_id("src", source.id)
    await audit_log.write(session, subject, action, identifier, project_id=source.project_id, details=details)
