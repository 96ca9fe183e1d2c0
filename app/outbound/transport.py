"""Connections to checked addresses only.

A name is resolved once, every address is checked, and the connection goes to the checked address.
A later change of the DNS answer has no effect. TLS is verified against the name, passed in
`sni_hostname`.
"""

import asyncio
import os
import ssl
from collections.abc import Awaitable, Callable, Sequence
from ipaddress import ip_address
from socket import SOCK_STREAM, gaierror

import certifi
import httpx

from app.outbound.ip_ranges import Address, Network
from app.outbound.refusal import require_permitted

CONNECT_SECONDS, IDLE_SECONDS = 10.0, 30.0
HEADERS = {"User-Agent": "exhume", "Accept": "*/*", "Accept-Encoding": "identity"}
Resolve = Callable[[str, int], Awaitable[list[Address]]]


class UnresolvedError(Exception):
    """The name has no address, or the resolver does not answer."""


async def resolve(host: str, port: int) -> list[Address]:
    """Return the addresses of a host from the system's resolver."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=SOCK_STREAM)
    except (gaierror, UnicodeError) as error:
        raise UnresolvedError(f"{host} has no address ({error})") from error
    return list(dict.fromkeys(ip_address(str(entry[4][0])) for entry in found))


class PinnedClient:
    """Sends single requests.

    It follows no redirects, keeps no cookies, ignores proxies of the environment, and logs no
    URLs, because they may carry a signature.
    """

    def __init__(self, opened: Sequence[Network], resolve: Resolve = resolve) -> None:
        self._opened, self._resolve = opened, resolve
        context = ssl.create_default_context(cafile=os.environ.get("SSL_CERT_FILE") or certifi.where())
        # Connections are not reused: they are pooled by address but verified only for the name
        # that they were opened for.
        limits = httpx.Limits(max_keepalive_connections=0)
        self._inner = httpx.AsyncHTTPTransport(verify=context, trust_env=False, limits=limits)

    async def __aenter__(self) -> "PinnedClient":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._inner.aclose()

    async def get(self, url: str, headers: dict[str, str]) -> httpx.Response:
        """Return the answer to a GET request, like `send`."""
        return await self.send("GET", url, headers)

    async def send(
        self, method: str, url: str, headers: dict[str, str], *, content: bytes | None = None, plain: bool = True
    ) -> httpx.Response:
        """Return an answer whose body is still unread. The caller closes it.

        It comes from the first address that accepts a connection.

        Args:
            plain: whether `http:` is accepted for public addresses. Networks that the operator
                opened may always be reached without TLS.

        Raises: `NotPermittedError` before anything is sent if the name resolves to an address that
        is not permitted. `UnresolvedError` if it does not resolve. Errors of httpx.
        """
        timeout = httpx.Timeout(IDLE_SECONDS, connect=CONNECT_SECONDS).as_dict()
        request = httpx.Request(
            method, url, headers=HEADERS | headers, content=content, extensions={"timeout": timeout}
        )
        host = request.url.raw_host.decode()  # in ASCII: the resolver and TLS encode international names otherwise
        found = await self._resolve(host, request.url.port or (443 if request.url.scheme == "https" else 80))
        if not found:
            raise UnresolvedError(f"{host} has no address")
        for address in found:
            require_permitted(host, address, self._opened, encrypted=plain or request.url.scheme == "https")
        for last, address in enumerate(found, 1 - len(found)):
            pinned = httpx.Request(
                request.method,
                request.url.copy_with(host=str(address)),
                headers=request.headers,  # Host is the name
                content=content,
                extensions=request.extensions | {"sni_hostname": host},
            )
            try:
                return await self._inner.handle_async_request(pinned)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                if last == 0:
                    raise
        raise AssertionError("the last address answers or raises")
