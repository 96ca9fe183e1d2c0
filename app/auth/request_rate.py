"""Requests of a project, or of an organisation, in each minute, and headers that say what is left.

Each process counts by itself and adds its count to the shared one once in a second, so that a
request seldom waits for the broker. A process that cannot reach the broker counts alone.
"""

import time
from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.auth.subject import Subject
from app.db.models import ProjectLimit
from app.db.session import async_session
from app.errors import TooManyRequestsError
from app.jobs import valkey
from app.jobs.broker import NoBrokerError
from app.settings import settings

log = structlog.get_logger(__name__)

RATE = "exhume.rate"  # in the scope of a request
MINUTE = 60
SHARED_SECONDS = 1.0
MOST_WINDOWS = 10_000


@dataclass
class Window:
    """The requests of one minute: those of all processes when last asked, and ours since then."""

    minute: int
    limit: int
    shared: int = 0
    mine: int = 0
    asked: float = float("-inf")

    @property
    def used(self) -> int:
        """How many requests there were, as far as this process knows."""
        return self.shared + self.mine


_windows: dict[UUID, Window] = {}


async def spend(subject: Subject, scope: MutableMapping[str, Any]) -> None:
    """Count a request once. Raises: TooManyRequestsError. The operator has no limit."""
    of = subject.project_id or subject.organisation_id
    if of is None or RATE in scope:
        return
    now = time.time()
    window = _windows.get(of)
    if window is None or window.minute != int(now // MINUTE):
        window = await _begin(of, subject.project_id, int(now // MINUTE))
    window.mine += 1
    if time.monotonic() - window.asked >= SHARED_SECONDS:
        await _share(of, window)
    reset = MINUTE - int(now % MINUTE)
    left = window.limit - window.used
    headers = {
        "RateLimit-Limit": str(window.limit),
        "RateLimit-Remaining": str(max(0, left)),
        "RateLimit-Reset": str(reset),
    }
    scope[RATE] = headers
    if left < 0:
        raise TooManyRequestsError(
            "too_many_requests",
            f"More than {window.limit:,} requests in this minute. Wait {reset} seconds.",
            headers={"Retry-After": str(reset)},
        )


async def _begin(of: UUID, project_id: UUID | None, minute: int) -> Window:
    limit = settings().max_requests_per_minute
    if project_id is not None:
        async with async_session() as session:
            own = await session.get(ProjectLimit, project_id)
            limit = limit if own is None or own.requests_per_minute is None else own.requests_per_minute
    if len(_windows) >= MOST_WINDOWS:
        _windows.clear()
    found = _windows.get(of)
    if found is None or found.minute != minute:  # another request may have begun it meanwhile
        found = _windows[of] = Window(minute, limit)
    return found


async def _share(of: UUID, window: Window) -> None:
    from redis.exceptions import RedisError

    window.asked, mine = time.monotonic(), window.mine
    try:
        name = f"exhume:requests:{of}:{window.minute}"
        shared, _ = await valkey.count(name, window_seconds=2 * MINUTE, by=mine)
    except (RedisError, OSError, NoBrokerError) as error:
        log.warning("request_rate.unavailable", error=repr(error))
        return
    window.shared, window.mine = shared, window.mine - mine


class RequestRateMiddleware:
    """Adds the headers to the response of a counted request."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start" and (found := scope.get(RATE)):
                MutableHeaders(scope=message).update(found)
            await send(message)

        await self.app(scope, receive, send_with_headers)
