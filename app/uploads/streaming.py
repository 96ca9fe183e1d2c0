"""Uploads in one request: received into quarantine, accepted, and queued for their checks."""

from collections.abc import Awaitable, Callable
from typing import TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request

from app.auth.subject import Subject
from app.db.contention import ARRIVED_SECONDS, limit_wait
from app.db.session import async_session
from app.jobs.dispatch import publish
from app.storage.receive import Body, check_announced, content_length, quarantine_key, receive
from app.uploads import leftovers, quota
from app.uploads.accepting import Arrival, accept
from app.uploads.beginning import awaiting
from app.uploads.owners import OwnerKind
from app.uploads.reserving import reserved
from app.uploads.slots import slot
from app.vault import quarantine

T = TypeVar("T")
Document = Callable[[AsyncSession, Subject, UUID], Awaitable[T]]
"""Reads the owner of the file for the answer."""


async def receive_file(
    request: Request, subject: Subject, kind: OwnerKind, owner_id: UUID, *, digest: str | None, document: Document[T]
) -> T:
    """Receive the body. A file that is not accepted is deleted.

    No database connection is held while the body arrives.
    """
    announced, limit = content_length(request), kind.limit
    async with async_session() as session:
        owner, expected = await awaiting(session, subject, kind, owner_id, digest)
        if announced is None:
            limit = min(limit, await session.run_sync(quota.left, owner.project_id))
    check_announced(announced, limit)
    with slot():
        async with reserved(owner.project_id, announced or 0, limit=limit) as room:
            body, key = Body(room.counted(request.stream()), announced), quarantine_key()
            async with async_session() as session:
                through = await session.run_sync(quarantine.sealing, owner.project_id, key)
            try:
                received = await receive(body, key, through, limit=limit, expected=expected)
                async with async_session() as session:
                    await session.run_sync(limit_wait, ARRIVED_SECONDS)
                    await session.run_sync(room.release)
                    job_id = await session.run_sync(accept, kind, owner_id, Arrival(key, received, subject))
                    answer = await document(session, subject, owner_id)
            except BaseException:
                await leftovers.discard(key)
                raise
    await publish([job_id])
    return answer
