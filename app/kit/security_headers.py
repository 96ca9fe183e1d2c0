"""Security headers for browsers."""

from collections.abc import Iterator

from starlette.types import ASGIApp, Message, Receive, Scope, Send

DASHBOARD_POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
DATA_POLICY = "default-src 'none'; frame-ancestors 'none'"
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


def _encoded(*, data: bool, secure: bool) -> Iterator[tuple[bytes, bytes]]:
    headers = ALWAYS | {"Content-Security-Policy": DATA_POLICY if data else DASHBOARD_POLICY}
    if data:
        headers |= {"Cache-Control": "private, no-cache"}
    if secure:
        headers |= {"Strict-Transport-Security": "max-age=31536000"}
    return ((name.lower().encode(), value.encode()) for name, value in headers.items())


OF_DATA, OF_PAGES = ([tuple(_encoded(data=data, secure=secure)) for secure in (False, True)] for data in (True, False))
"""Of plain connections, and of https."""


class SecurityHeadersMiddleware:
    """Adds the headers. By default, caches must revalidate API responses."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        added = (OF_DATA if scope["path"].startswith("/api/") else OF_PAGES)[scope["scheme"] == "https"]

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message.setdefault("headers", [])
                given = {name for name, _ in headers}
                headers.extend(one for one in added if one[0] not in given)
            await send(message)

        await self.app(scope, receive, send_with_headers)
