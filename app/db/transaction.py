"""One request, one transaction: services add to it, the request commits it, and only then the outside hears of it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Annotated

from fastapi import Depends
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.session import async_session

Callback = Callable[[], Awaitable[object]]
CALLBACKS = "after_commit"


def after_commit(session: AsyncSession, callback: Callback) -> None:
    """Run `callback` when the transaction has been committed; not at all if it is rolled back."""
    session.info.setdefault(CALLBACKS, []).append(callback)


async def transaction() -> AsyncIterator[AsyncSession]:
    """The session of a request. It is committed before the answer is sent: what a client reads of, it can find."""
    async with async_session() as session:
        yield session
    for callback in session.info.pop(CALLBACKS, []):
        await callback()


Transaction = Annotated[AsyncSession, Depends(transaction, scope="function")]
