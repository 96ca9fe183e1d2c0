"""Queries over keys, sessions and sign-in links."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, and_, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.subject import Subject, within
from app.db.models import ApiKey, BrowserSession, SignInLink

LAST_USED_EVERY = timedelta(minutes=1)
VALID = and_(ApiKey.revoked_at.is_(None), or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > func.now()))


def readable(subject: Subject) -> Select[ApiKey]:
    """Select the keys that the subject may see. An administrator's keys belong to no project."""
    return within(select(ApiKey), ApiKey.project_id, subject)


async def valid_key(session: AsyncSession, key_hash: bytes) -> ApiKey | None:
    """Return the key with this HMAC if it is neither revoked nor expired."""
    statement = select(ApiKey).where(ApiKey.key_hash == key_hash, VALID)
    return (await session.execute(statement)).scalar_one_or_none()


async def touch_key(session: AsyncSession, key: ApiKey) -> None:
    """Record that a key was used, at most once a minute."""
    now = datetime.now(UTC)
    if key.last_used_at is None or now - key.last_used_at >= LAST_USED_EVERY:
        await session.execute(update(ApiKey).where(ApiKey.id == key.id).values(last_used_at=now))


async def valid_session(session: AsyncSession, token_hash: bytes) -> BrowserSession | None:
    """Return the session with this HMAC if it has not ended and its key is still valid."""
    statement = (
        select(BrowserSession)
        .outerjoin(ApiKey, ApiKey.id == BrowserSession.api_key_id)
        .where(BrowserSession.token_hash == token_hash, BrowserSession.expires_at > func.now())
        .where(or_(BrowserSession.api_key_id.is_(None), VALID))
    )
    return (await session.execute(statement)).scalar_one_or_none()


async def use_link(session: AsyncSession, token_hash: bytes) -> bool:
    """Use a sign-in link. Returns False when it is unknown, used or expired."""
    statement = (
        update(SignInLink)
        .where(SignInLink.token_hash == token_hash, SignInLink.used_at.is_(None), SignInLink.expires_at > func.now())
        .values(used_at=func.now())
        .returning(SignInLink.id)
    )
    return (await session.execute(statement)).scalar_one_or_none() is not None


async def end_session(session: AsyncSession, session_id: UUID) -> None:
    """Delete a session."""
    await session.execute(delete(BrowserSession).where(BrowserSession.id == session_id))
