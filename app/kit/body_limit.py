"""Rejects large JSON bodies before they are read. Uploads have other limits."""

import re

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.kit.problems import plain

# Addresses of files: a resumable upload, whatever the method, and a file in one request.
PIECE = re.compile(r"/api/v1/uploads/[^/]+")
FILE = re.compile(r"/api/v1/[a-z]+/[^/]+/file")
NAMES = re.compile(
    r"/api/v1/(targets/[^/]+/releases|projects/[^/]+/sources|checkpoints/preflight|architectures/propose)"
)
ANNOUNCE = {b"content-length", b"transfer-encoding"}
"""A request without these headers has no body."""
MAX_BODY_BYTES = 1024 * 1024
MAX_NAMES_BYTES = 8 * 1024 * 1024  # enough for 100,000 class names


def is_file(scope: Scope) -> bool:
    """Return whether the body of a request is a file, which has other limits."""
    path: str = scope["path"]
    return bool(PIECE.fullmatch(path) or (scope["method"] == "PUT" and FILE.fullmatch(path)))


def _has_body(scope: Scope) -> bool:
    return any(name in ANNOUNCE for name, _ in scope["headers"])


class BodyLimitMiddleware:
    """Answers 413 by `Content-Length` or, without it, as soon as too much has arrived."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _has_body(scope) or is_file(scope):
            await self.app(scope, receive, send)
            return
        limit = MAX_NAMES_BYTES if NAMES.fullmatch(scope["path"]) else MAX_BODY_BYTES
        length = Headers(scope=scope).get("content-length", "")
        if length.isdecimal() and int(length) > limit:
            refusal = plain(413, "body_too_large", f"A JSON body here can have at most {limit:,} bytes.")
            await refusal(scope, receive, send)
            return
        total = 0

        async def counted() -> Message:
            nonlocal total
            message = await receive()
            total += len(message.get("body", b""))
            if total > limit:
                raise HTTPException(413)
            return message

        await self.app(scope, counted, send)
