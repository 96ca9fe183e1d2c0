"""`Idempotency-Key`: a repeated POST returns the first response and does nothing else.

The row is written in the transaction of the request, so a response is stored exactly when its
request took effect. Responses are sealed because the response to a new API key contains the key.
"""

import base64
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, TypeVar

from fastapi import Depends, FastAPI, Header, Request
from fastapi.responses import Response
from pydantic import BaseModel
from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.authenticate import Caller
from app.auth.subject import Subject
from app.db.models import IdempotencyKey
from app.db.transaction import Transaction
from app.errors import ConflictError, UnprocessableError
from app.kit.crypto import seal, subkey, unseal

REMEMBERED = timedelta(hours=24)
Answer = TypeVar("Answer", bound=BaseModel)
IdempotencyHeader = Annotated[
    str | None,
    Header(alias="Idempotency-Key", min_length=8, max_length=200, description="Makes it safe to retry the request."),
]


class Replayed(Exception):  # noqa: N818 - not an error: carries the first answer out of the endpoint
    """This request has already been answered."""

    def __init__(self, status: int, body: bytes) -> None:
        super().__init__("answered before")
        self.status = status
        self.body = body


@dataclass(frozen=True)
class Once:
    """Runs a function once per key. Without a key it simply runs the function."""

    session: AsyncSession
    subject: Subject
    key: str | None
    request_hash: bytes

    async def __call__(self, make: Callable[[], Awaitable[Answer]], *, status: int = 201) -> Answer:
        """Return the result of `make` and store it. Raises `Replayed` if it was stored before."""
        if self.key is None:
            return await make()
        await self._look_up(self.key)
        answer = await make()
        body = seal(subkey("idempotency"), answer.model_dump_json().encode(), self._context)
        self.session.add(
            IdempotencyKey(
                subject_id=self.subject.id,
                key=self.key,
                request_hash=self.request_hash,
                status=status,
                body={"sealed": base64.b64encode(body).decode()},
                expires_at=datetime.now(UTC) + REMEMBERED,
            )
        )
        await self.session.flush()
        return answer

    @property
    def _context(self) -> str:
        return f"{self.subject.id}/{self.key}"

    async def _look_up(self, key: str) -> None:
        lock = select(func.pg_try_advisory_xact_lock(func.hashtextextended(self._context, 0)))
        if not (await self.session.execute(lock)).scalar_one():
            raise ConflictError("request_in_flight", "The first request with this Idempotency-Key is still running.")
        same = (IdempotencyKey.subject_id == self.subject.id, IdempotencyKey.key == key)
        await self.session.execute(delete(IdempotencyKey).where(*same, IdempotencyKey.expires_at < func.now()))
        row = (await self.session.execute(select(IdempotencyKey).where(*same))).scalar_one_or_none()
        if row is None:
            return
        if row.request_hash != self.request_hash:
            raise UnprocessableError(
                "idempotency_key_reused", "This Idempotency-Key was used for another request. Send a new one."
            )
        assert row.status is not None
        assert row.body is not None
        sealed = base64.b64decode(row.body["sealed"])
        raise Replayed(row.status, unseal(subkey("idempotency"), sealed, self._context))


async def once(request: Request, session: Transaction, subject: Caller, key: IdempotencyHeader = None) -> Once:
    """Dependency of endpoints that create something."""
    request_hash = hashlib.sha256(f"{request.method} {request.url.path}?{request.url.query}\n".encode())
    request_hash.update(await request.body())
    return Once(session, subject, key, request_hash.digest())


OncePerKey = Annotated[Once, Depends(once)]


async def on_replayed(request: Request, replayed: Exception) -> Response:
    """Send the first response again."""
    assert isinstance(replayed, Replayed)
    headers = {"Idempotency-Replayed": "true", "Cache-Control": "no-store"}
    return Response(replayed.body, replayed.status, headers, media_type="application/json")


def install(app: FastAPI) -> None:
    """Register the handler of `Replayed`."""
    app.add_exception_handler(Replayed, on_replayed)
