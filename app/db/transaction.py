"""One transaction per request. Callbacks run after its commit."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Annotated

from fastapi import Depends
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.session import async_session

Callback = Callable[[], Awaitable[object]]
CALLBACKS = "after_commit"


def after_commit(session: AsyncSession, callback: Callback) -> None:
    """Run `callback` after the transaction has been committed. It is dropped on rollback."""
    session.info.setdefault(CALLBACKS, []).append(callback)


async def transaction() -> AsyncIterator[AsyncSession]:
    """Yield the session of a request and commit before the response is sent.

    A client can therefore find everything that a response mentions.
    """
    async with async_session() as session:
        yield session
    for callback in session.info.pop(CALLBACKS, []):
        await callback()


Transaction = Annotated[AsyncSession, Depends(transaction, scope="function")]
