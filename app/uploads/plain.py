"""An upload in one request: received into quarantine, accepted in a transaction, and its checks published."""

from collections.abc import Awaitable, Callable
from typing import TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request

from app.db.session import async_session
from app.jobs.dispatch import publish
from app.storage.receive import discard, receive
from app.storage.store import Received

T = TypeVar("T")
Accept = Callable[[AsyncSession, str, Received], Awaitable[tuple[T, UUID]]]
"""(session, key in quarantine, what lies there) -> the document to answer with, and the job that checks the file."""


async def take_in(request: Request, *, limit: int, expected: str | None, accept: Accept[T]) -> T:
    """Receive the body; what is not accepted is deleted. No database connection is held while it streams in."""
    key, received = await receive(request, limit=limit, expected=expected)
    try:
        async with async_session() as session:
            document, job_id = await accept(session, key, received)
    except BaseException:
        await discard(key)
        raise
    await publish([job_id])
    return document
