"""Queries over people and their memberships that signing in needs."""

from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import ApiKey, BrowserSession, Membership, Person, SignInLink


async def by_email(session: AsyncSession, email: str, *, lock: bool = False) -> Person | None:
    """Return the person with this address."""
    statement = select(Person).where(Person.email == email)
    return (await session.execute(statement.with_for_update() if lock else statement)).scalar_one_or_none()


async def memberships(session: AsyncSession, person_id: UUID) -> list[Membership]:
    """Return the memberships of a person, oldest first."""
    statement = select(Membership).where(Membership.person_id == person_id)
    return list((await session.execute(statement.order_by(Membership.created_at, Membership.id))).scalars())


async def revoke_keys(session: AsyncSession, *conditions: ColumnElement[bool]) -> list[UUID]:
    """Revoke the keys that meet all conditions, and those made with them. Returns their ids."""
    first = select(ApiKey.id).where(*conditions)
    made = first.cte("made", recursive=True)
    made = made.union(select(ApiKey.id).join(made, ApiKey.parent_id == made.c.id))
    statement = (
        update(ApiKey)
        .where(ApiKey.id.in_(select(made.c.id)), ApiKey.revoked_at.is_(None))
        .values(revoked_at=func.now())
        .returning(ApiKey.id)
    )
    return list((await session.execute(statement, execution_options={"synchronize_session": False})).scalars())


async def end_sessions(session: AsyncSession, person_id: UUID, *, but: UUID | None = None) -> None:
    """End the sessions of a person, except one."""
    statement = delete(BrowserSession).where(BrowserSession.person_id == person_id)
    await session.execute(statement if but is None else statement.where(BrowserSession.id != but))


async def end_links(session: AsyncSession, person_id: UUID) -> None:
    """Use up the sign-in links of a person."""
    unused = update(SignInLink).where(SignInLink.person_id == person_id, SignInLink.used_at.is_(None))
    await session.execute(unused.values(used_at=func.now()))
