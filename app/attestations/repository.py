"""Queries over signing keys."""

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import SigningKey

LOCK = 0x6578736B  # "exsk": writers of the table wait for each other


async def active(session: AsyncSession) -> SigningKey | None:
    """Return the key that signs."""
    return await session.scalar(select(SigningKey).where(SigningKey.active.is_(True)))


async def every(session: AsyncSession) -> list[SigningKey]:
    """Return all keys, newest first."""
    rows = await session.scalars(select(SigningKey).order_by(SigningKey.created_at.desc(), SigningKey.id.desc()))
    return list(rows)


async def wait_for_others(session: AsyncSession) -> None:
    """Let one transaction at a time change the active key."""
    await session.execute(select(func.pg_advisory_xact_lock(LOCK)))
