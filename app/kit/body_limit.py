"""Rejects large JSON bodies before they are read. Uploads have other limits."""

import re

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.kit.problems import plain

# Address of a resumable upload, whatever the method.
PIECE = re.compile(r"/api/v1/uploads/[^/]+")
MAX_BODY_BYTES = 8 * 1024 * 1024  # enough for 100,000 class names


class BodyLimitMiddleware:
    """Answers 413 by `Content-Length` or, without it, as soon as too much has arrived."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] == "PUT" or PIECE.fullmatch(scope["path"]):
            await self.app(scope, receive, send)
            return
        length = Headers(scope=scope).get("content-length", "")
        if length.isdecimal() and int(length) > MAX_BODY_BYTES:
            refusal = plain(413, "body_too_large", f"A JSON body can have at most {MAX_BODY_BYTES:,} bytes.")
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
