"""Creating, listing and revoking API keys.

A key that is made with another key has no more scopes, does not outlive it, and is revoked with
it. The same holds for sessions that were opened with a key.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth import audit_log, person_repository, repository, schemas
from app.auth.scopes import Scope
from app.auth.secrets import api_key_hash, new_api_key
from app.auth.subject import Subject
from app.db.models import ApiKey, BrowserSession, Project
from app.errors import ForbiddenError, NotFoundError, UnauthenticatedError
from app.kit.ids import public_id
from app.kit.listing import Listing, given, listed, text_of

LISTING = Listing(
    ApiKey.id,
    sorts={
        "created_at": ApiKey.created_at,
        "name": ApiKey.name,
        "last_used_at": ApiKey.last_used_at,
        "expires_at": ApiKey.expires_at,
    },
    search=text_of(ApiKey.name, ApiKey.created_by, ApiKey.last4),
    prefix="key",
    filters={"revoked": given(ApiKey.revoked_at)},
)


@dataclass(frozen=True)
class Owner:
    """Whose a new key is: a machine's in an organisation or a project, or a person's."""

    organisation_id: UUID
    project_id: UUID | None = None
    person_id: UUID | None = None
    membership_id: UUID | None = None


async def create_in_project(
    session: AsyncSession, subject: Subject, project_id: UUID, body: schemas.KeyCreate
) -> schemas.NewKey:
    """Create the key of a machine that is limited to a project."""
    subject.require(Scope.KEYS_WRITE)
    owner = select(Project.organisation_id).where(Project.id == project_id)
    organisation_id = (await session.execute(owner)).scalar_one()
    return await _create(session, subject, Owner(organisation_id, project_id), body)


async def create_in_organisation(
    session: AsyncSession, subject: Subject, organisation_id: UUID, body: schemas.KeyCreate
) -> schemas.NewKey:
    """Create the key of a machine for all projects of an organisation."""
    subject.require(Scope.KEYS_WRITE)
    subject.require_all_projects()
    return await _create(session, subject, Owner(organisation_id), body)


async def create_personal(session: AsyncSession, subject: Subject, body: schemas.KeyCreate) -> schemas.NewKey:
    """Create a key of the person who asks, for the present membership."""
    if subject.key_id is not None:
        subject.require(Scope.KEYS_WRITE)
    membership_id = await _membership(session, subject)
    assert subject.organisation_id is not None
    owner = Owner(subject.organisation_id, subject.project_id, subject.person_id, membership_id)
    return await _create(session, subject, owner, body)


async def _membership(session: AsyncSession, subject: Subject) -> UUID:
    """Return the membership that the subject acts with.

    Raises `UnauthenticatedError` when the session has ended or chosen another one since it was
    authenticated: a key with the limits of one membership must not depend on another.
    """
    acting = ApiKey if not subject.by_cookie else BrowserSession
    statement = select(acting.membership_id).where(
        acting.id == subject.id,
        acting.organisation_id == subject.organisation_id,
        acting.project_id.is_not_distinct_from(subject.project_id),
    )
    found = (await session.execute(statement.with_for_update(read=True))).scalar_one_or_none()
    if found is None:
        raise UnauthenticatedError("session_ended", "This session acts for another organisation now. Try again.")
    return found


async def _create(session: AsyncSession, subject: Subject, owner: Owner, body: schemas.KeyCreate) -> schemas.NewKey:
    lacking = sorted(set(body.scopes) - subject.scopes)
    if lacking:
        raise ForbiddenError(
            "scope_escalation", f"You cannot create a key with {', '.join(lacking)}, because you lack it."
        )
    text = new_api_key()
    key = ApiKey(
        organisation_id=owner.organisation_id,
        project_id=owner.project_id,
        person_id=owner.person_id,
        membership_id=owner.membership_id,
        parent_id=subject.key_id,
        created_by=subject.name,
        name=body.name,
        key_hash=api_key_hash(text),
        last4=text[-4:],
        scopes=[scope.value for scope in body.scopes],
        expires_at=await _end(session, subject, body),
    )
    session.add(key)
    await session.flush()
    await session.refresh(key)
    await _log(session, subject, "key.created", key, {"name": key.name, "scopes": key.scopes})
    return schemas.NewKey(**schemas.Key.model_validate(key).model_dump(), key=text)


async def _end(session: AsyncSession, subject: Subject, body: schemas.KeyCreate) -> datetime:
    """Return when a new key expires, which is not after the key that makes it."""
    ends = datetime.now(UTC) + timedelta(days=body.expires_in_days or schemas.KEY_DAYS)
    if subject.key_id is None:
        return ends
    # locked, so that a key which is being revoked makes no other
    statement = select(ApiKey.expires_at, ApiKey.revoked_at).where(ApiKey.id == subject.key_id)
    parent = (await session.execute(statement.with_for_update(read=True))).one()
    if parent.revoked_at is not None:
        raise ForbiddenError("key_outlives", "The key that makes this one has just been revoked.")
    if parent.expires_at is None or ends <= parent.expires_at:
        return ends
    if body.expires_in_days is None:
        return ends if parent.expires_at is None else parent.expires_at
    raise ForbiddenError(
        "key_outlives",
        f"Your own key expires on {parent.expires_at:%Y-%m-%d %H:%M} UTC, and a key that it makes cannot last longer.",
    )


async def page(
    session: AsyncSession, subject: Subject, owned: ColumnElement[bool], asked: schemas.KeyQuery
) -> schemas.KeyPage:
    """List the keys that meet a condition and that the subject may see, newest first."""
    statement = repository.readable(subject).where(owned)
    rows, following = await listed(session, statement, LISTING, asked)
    return schemas.KeyPage(items=[schemas.Key.model_validate(row[0]) for row in rows], next_cursor=following)


async def revoke(session: AsyncSession, subject: Subject, key_id: UUID) -> None:
    """Revoke a key, the keys that were made with it, and the sessions opened with them."""
    statement = repository.readable(subject).where(ApiKey.id == key_id).with_for_update()
    key = (await session.execute(statement)).scalar_one_or_none()
    if key is None:
        subject.require(Scope.KEYS_WRITE)
        raise NotFoundError("no_such_key", "There is no such key.")
    if key.person_id is None or key.person_id != subject.person_id:
        subject.require(Scope.KEYS_WRITE)
    gone = await person_repository.revoke_keys(session, ApiKey.id == key_id)
    if gone:
        made = sorted(public_id("key", one) for one in gone if one != key_id)
        await _log(session, subject, "key.revoked", key, {"made_with_it": made} if made else {})


async def _log(session: AsyncSession, subject: Subject, action: str, key: ApiKey, details: dict[str, object]) -> None:
    await audit_log.write(
        session,
        subject,
        action,
        public_id("key", key.id),
        project_id=key.project_id,
        organisation_id=key.organisation_id,
        details=details,
    )
