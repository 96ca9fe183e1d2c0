"""Queries over keys, sessions and sign-in links."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Select, and_, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.subject import Subject, within_organisation
from app.db.models import ApiKey, BrowserSession, Membership, Person, Role, SignInLink

LAST_USED_EVERY = timedelta(minutes=1)
VALID = and_(ApiKey.revoked_at.is_(None), or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > func.now()))


HOLDER = or_(ApiKey.person_id.is_(None), and_(Membership.id.is_not(None), Person.disabled_at.is_(None)))
"""A personal key needs an account that is not disabled, and its membership."""


class Key(NamedTuple):
    """A key, and of a personal one its person's e-mail address and present role."""

    key: ApiKey
    email: str | None
    role: Role | None

    @property
    def actor(self) -> str:
        """The name that the audit log shows."""
        return f"key:{self.key.name}" if self.email is None else f"person:{self.email}"


class Opened(NamedTuple):
    """A session, and of a person's the present role."""

    opened: BrowserSession
    role: Role | None


def readable(subject: Subject) -> Select[ApiKey]:
    """Select the keys that the subject may see. The operator's belong to no organisation."""
    return within_organisation(select(ApiKey), ApiKey.organisation_id, subject, project_id=ApiKey.project_id)


async def valid_key(session: AsyncSession, key_hash: bytes) -> Key | None:
    """Return the key with this HMAC if it is neither revoked nor expired."""
    statement = (
        select(ApiKey, Person.email, Membership.role)
        .outerjoin(Person, Person.id == ApiKey.person_id)
        .outerjoin(Membership, Membership.id == ApiKey.membership_id)
        .where(ApiKey.key_hash == key_hash, VALID, HOLDER)
    )
    found = (await session.execute(statement)).one_or_none()
    return None if found is None else Key(*found)


async def touch_key(session: AsyncSession, key: ApiKey) -> None:
    """Record that a key was used, at most once a minute."""
    now = datetime.now(UTC)
    if key.last_used_at is None or now - key.last_used_at >= LAST_USED_EVERY:
        await session.execute(update(ApiKey).where(ApiKey.id == key.id).values(last_used_at=now))


async def valid_session(session: AsyncSession, token_hash: bytes) -> Opened | None:
    """Return the session with this HMAC if it, its key and its person are still valid."""
    statement = (
        select(BrowserSession, Membership.role)
        .outerjoin(ApiKey, ApiKey.id == BrowserSession.api_key_id)
        .outerjoin(Person, Person.id == BrowserSession.person_id)
        .outerjoin(Membership, Membership.id == BrowserSession.membership_id)
        .where(BrowserSession.token_hash == token_hash, BrowserSession.expires_at > func.now())
        .where(or_(BrowserSession.api_key_id.is_(None), VALID), Person.disabled_at.is_(None))
        .where(or_(BrowserSession.person_id.is_(None), Membership.id.is_not(None)))
    )
    found = (await session.execute(statement)).one_or_none()
    return None if found is None else Opened(*found)


async def use_link(session: AsyncSession, token_hash: bytes) -> SignInLink | None:
    """Use a sign-in link. Returns None when it is unknown, used or expired."""
    statement = (
        update(SignInLink)
        .where(SignInLink.token_hash == token_hash, SignInLink.used_at.is_(None), SignInLink.expires_at > func.now())
        .values(used_at=func.now())
        .returning(SignInLink)
    )
    return (await session.execute(statement)).scalar_one_or_none()


async def end_session(session: AsyncSession, session_id: UUID) -> None:
    """Delete a session."""
    await session.execute(delete(BrowserSession).where(BrowserSession.id == session_id))
