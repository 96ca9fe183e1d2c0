"""JSON bodies are small; a larger one is refused before it is read. Uploads count for themselves."""

import re

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.kit.problems import plain

PIECE = re.compile(r"/api/v1/uploads/[^/]+")  # of a resumable upload, whatever its method
MAX_BODY_BYTES = 8 * 1024 * 1024  # 100,000 class names


class BodyLimitMiddleware:
    """Answers 413 by `Content-Length`, or, without one, as soon as more has arrived."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] == "PUT" or PIECE.fullmatch(scope["path"]):
            await self.app(scope, receive, send)
            return
        length = Headers(scope=scope).get("content-length", "")
        if length.isdecimal() and int(length) > MAX_BODY_BYTES:
            refusal = plain(413, "body_too_large", f"A JSON body may have {MAX_BODY_BYTES:,} bytes at most.")
            await refusal(scope, receive, send)
            return
        total = 0

        async def counted() -> Message:
            nonlocal total
            message = await receive()
            total += len(message.get("body", b""))
            if total > MAX_BODY_BYTES:
                raise HTTPException(413)
            return message

        await self.app(scope, counted, send)
