"""Request ids, added to responses, log lines and audit-log entries."""

import re
import time
from collections.abc import MutableMapping
from contextvars import ContextVar
from typing import Any
from uuid import uuid4

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.observability.requests import WATCHERS

log = structlog.get_logger("exhume.api")

_current: ContextVar[str] = ContextVar("request_id", default="")
ACCEPTED = re.compile(rb"[A-Za-z0-9_-]{8,64}")
QUIET = {"/livez", "/readyz"}


def request_id() -> str:
    """Return the id of the current request, or an empty text outside of one."""
    return _current.get()


class RequestIdMiddleware:
    """Keeps a well-formed `X-Request-Id` or creates one, and logs each request.

    Query strings are never logged.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = dict(scope["headers"]).get(b"x-request-id", b"")
        identifier = given.decode() if ACCEPTED.fullmatch(given) else uuid4().hex
        _current.set(identifier)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=identifier)
        begun = time.perf_counter()
        answer: MutableMapping[str, Any] = {"status": 0}

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer["status"] = message["status"]
                for see in WATCHERS:
                    see(scope, message["status"], time.perf_counter() - begun)
                message["headers"] = [*message.get("headers", []), (b"x-request-id", identifier.encode())]
            await send(message)

        try:
            await self.app(scope, receive, send_with_id)
        finally:
            if scope["path"] not in QUIET:
                log.info(
                    "request",
                    method=scope["method"],
                    path=scope["path"],
                    status=answer["status"],
                    milliseconds=round(1000 * (time.perf_counter() - begun), 1),
                )
