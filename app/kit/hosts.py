"""Allowed host names, as protection from pages that rebind their DNS name to 127.0.0.1."""

import re
from functools import lru_cache
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from app.kit.problems import plain
from app.settings import settings

HOST = re.compile(r"(\[[0-9a-f:.]+\]|[^\s/?#@:\\\[\]]*)(:[0-9]*)?", re.IGNORECASE)
"""A name or address with an optional port. Links that the service makes contain it."""


def host_name(header: str) -> str:
    """Return the name in a `Host` header in lower case without the port.

    IPv6 keeps its brackets.
    """
    host = header.strip().lower()
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0]


def allowed(header: str) -> bool:
    """Tell whether the settings list this host or it is that of the public address."""
    return _allowed(header, tuple(settings().allowed_hosts), settings().public_url)


@lru_cache(maxsize=64)
def _allowed(header: str, hosts: tuple[str, ...], public: str | None) -> bool:
    if HOST.fullmatch(header.strip()) is None:
        return False
    names = {name.lower() for name in hosts}
    if public:
        names.add(host_name(urlsplit(public).netloc))
    return "*" in names or host_name(header) in names


class AllowedHostsMiddleware:
    """Rejects requests for any other host."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or allowed(Headers(scope=scope).get("host", "")):
            await self.app(scope, receive, send)
            return
        refusal = plain(400, "unknown_host", "This server does not accept that host name. See EXHUME_ALLOWED_HOSTS.")
        await refusal(scope, receive, send)
