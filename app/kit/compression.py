"""Compression of answers by what the client accepts.

Only documents that are read are compressed here: JSON of at least `LEAST_BYTES` in the answer to a
GET that succeeded and may be cached. The length of a compressed answer tells something about its
content, so an answer must not mix a secret with words that another site chose (BREACH). No
document that is read has a secret: keys, secrets of webhooks and recovery links are shown in
answers to other methods or marked `no-store`. Errors may repeat words of a request, and they are
left as they are. Event streams and pictures are left alone because of their type.
"""

import zlib
from functools import lru_cache

import anyio
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LEAST_BYTES = 1000
LEVEL = 4
OUT_OF_LINE_BYTES = 256 * 1024
"""Longer documents are compressed in a thread, so that other requests do not wait."""
GZIP = 16 + zlib.MAX_WBITS


@lru_cache(maxsize=256)
def accepts(header: str, coding: str) -> bool:
    """Tell whether `Accept-Encoding` allows a coding (RFC 9110, section 12.5.3)."""
    weights: dict[str, float] = {}
    for part in header.split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        weights[name] = 1.0
        for parameter in parameters:
            key, _, value = parameter.partition("=")
            try:
                weights[name] = float(value) if key.strip() == "q" else weights[name]
            except ValueError:
                weights[name] = 0.0
    return weights.get(coding, weights.get("*", 0.0)) > 0


def gzipped(body: bytes) -> bytes:
    """Return the body as gzip."""
    packer = zlib.compressobj(LEVEL, zlib.DEFLATED, GZIP)
    return packer.compress(body) + packer.flush()


class CompressionMiddleware:
    """Compresses documents. The answer is held back until its first part says what it is."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET":
            await self.app(scope, receive, send)
            return
        wanted = accepts(Headers(scope=scope).get("accept-encoding", ""), "gzip")
        held: Message | None = None

        async def send_compressed(message: Message) -> None:
            nonlocal held
            if message["type"] == "http.response.start" and _may_be_compressed(message):
                MutableHeaders(raw=message["headers"]).add_vary_header("Accept-Encoding")
                held = message if wanted else None
                if held is not None:
                    return
            if held is not None:
                start, held = held, None
                body = message.get("body", b"")
                if not message.get("more_body") and len(body) >= LEAST_BYTES:
                    packed = await _compressed(body)
                    message = {**message, "body": packed}
                    headers = MutableHeaders(raw=start["headers"])
                    headers["Content-Encoding"] = "gzip"
                    headers["Content-Length"] = str(len(packed))
                await send(start)
            await send(message)

        await self.app(scope, receive, send_compressed)


def _may_be_compressed(start: Message) -> bool:
    headers = Headers(raw=start.get("headers", []))
    return (
        start["status"] == 200
        and headers.get("content-type", "").partition(";")[0] == "application/json"
        and "content-encoding" not in headers
        and "no-store" not in headers.get("cache-control", "")
    )


async def _compressed(body: bytes) -> bytes:
    if len(body) < OUT_OF_LINE_BYTES:
        return gzipped(body)
    return await anyio.to_thread.run_sync(gzipped, body)
