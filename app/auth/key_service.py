"""Creating, listing and revoking API keys."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth import audit_log, repository, schemas
from app.auth.scopes import Scope
from app.auth.secrets import api_key_hash, new_api_key
from app.auth.subject import Subject
from app.db.models import ApiKey, Project
from app.errors import ForbiddenError, NotFoundError
from app.kit.cursor import Keyset, fetch_page
from app.kit.ids import public_id

NEWEST_FIRST = Keyset((ApiKey.created_at.expression, ApiKey.id.expression), descending=True)


async def create(session: AsyncSession, subject: Subject, project_id: UUID, body: schemas.KeyCreate) -> schemas.NewKey:
    """Create a key. A key cannot have scopes that its creator lacks."""
    subject.require(Scope.KEYS_WRITE)
    organisation_id = (
        await session.execute(select(Project.organisation_id).where(Project.id == project_id))
    ).scalar_one()
    lacking = sorted(set(body.scopes) - subject.scopes)
    if lacking:
        raise ForbiddenError(
            "scope_escalation", f"You cannot create a key with {', '.join(lacking)}, because you lack it."
        )
    text = new_api_key()
    key = ApiKey(
        organisation_id=organisation_id,
        project_id=project_id,
        created_by=subject.name,
        name=body.name,
        key_hash=api_key_hash(text),
        last4=text[-4:],
        scopes=[scope.value for scope in body.scopes],
        expires_at=datetime.now(UTC) + timedelta(days=body.expires_in_days),
    )
    session.add(key)
    await session.flush()
    await session.refresh(key)
    identifier = public_id("key", key.id)
    details = {"name": key.name, "scopes": key.scopes}
    await audit_log.write(session, subject, "key.created", identifier, project_id=project_id, details=details)
    return schemas.NewKey(**schemas.Key.model_validate(key).model_dump(), key=text)


async def page(
    session: AsyncSession, subject: Subject, project_id: UUID, *, limit: int, cursor: str | None
) -> schemas.KeyPage:
    """List the keys of a project, newest first."""
    statement = repository.readable(subject).where(ApiKey.project_id == project_id)
    rows, following = await fetch_page(session, statement, NEWEST_FIRST, limit=limit, cursor=cursor)
    return schemas.KeyPage(items=[schemas.Key.model_validate(row[0]) for row in rows], next_cursor=following)


async def revoke(session: AsyncSession, subject: Subject, key_id: UUID) -> None:
    """Revoke a key and the sessions that were opened with it."""
    subject.require(Scope.KEYS_WRITE)
    statement = repository.readable(subject).where(ApiKey.id == key_id).with_for_update()
    key = (await session.execute(statement)).scalar_one_or_none()
    if key is None:
        raise NotFoundError("no_such_key", "There is no such key.")
    if key.revoked_at is None:
        key.revoked_at = datetime.now(UTC)
        identifier = public_id("key", key.id)
        await audit_log.write(session, subject, "key.revoked", identifier, project_id=key.project_id)
