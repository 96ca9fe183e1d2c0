"""One transaction per request or piece of work. Callbacks run after its commit."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from app.db.contention import ENDED, EndedError, sql_state
from app.db.session import async_session

Callback = Callable[[], Awaitable[object]]
CALLBACKS = "after_commit"


def after_commit(session: AsyncSession, callback: Callback) -> None:
    """Run `callback` after the transaction has been committed. It is dropped on rollback."""
    session.info.setdefault(CALLBACKS, []).append(callback)


@asynccontextmanager
async def committed(engine: AsyncEngine | None = None, *, bound: bool = True) -> AsyncIterator[AsyncSession]:
    """Open one transaction and run its callbacks after the commit."""
    async with async_session(engine, bound=bound) as session:
        yield session
    await _run_callbacks(session)


async def _run_callbacks(session: AsyncSession) -> None:
    for callback in session.info.pop(CALLBACKS, []):
        await callback()


async def transaction() -> AsyncIterator[AsyncSession]:
    """Yield the session of a request and commit before the response is sent.

    A client can therefore find everything that a response mentions. Raises `EndedError` after a
    deadlock; the route then runs the request again.
    """
    async with _of_request(bound=True) as session:
        yield session


async def unbound_transaction() -> AsyncIterator[AsyncSession]:
    """Yield the session of a request that finds out whose it is, and may see all rows for that."""
    async with _of_request(bound=False) as session:
        yield session


@asynccontextmanager
async def _of_request(*, bound: bool) -> AsyncIterator[AsyncSession]:
    try:
        async with async_session(bound=bound) as session:
            yield session
    except DBAPIError as error:
        if sql_state(error) in ENDED:
            raise EndedError from error
        raise
    await _run_callbacks(session)  # not above: what is committed must not be repeated


Transaction = Annotated[AsyncSession, Depends(transaction, scope="function")]
UnboundTransaction = Annotated[AsyncSession, Depends(unbound_transaction, scope="function")]
