"""The client for asyncio: the one description of what a client can do."""

from typing import Any, Self

import httpx

from exhume.audits import Audits
from exhume.files import Files
from exhume.registry import Registry
from exhume.retries import Retries
from exhume.transports import WaitingTransport

TIMEOUT = httpx.Timeout(30, read=60)


class Operations(Registry, Files, Audits):
    """Everything a client can do, over any transport."""


class AsyncClient(Operations):
    """Client of one server, to await. Use it in `async with`, or call `close`."""

    def __init__(
        self,
        url: str,
        api_key: str,
        *,
        retries: Retries | None = None,
        user_agent: str = "exhume-python",
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """Connect to a server.

        Args:
            url: Address of the server, such as `https://exhume.example`.
            api_key: A key that `exhume key create` printed.
            retries: Which waits are made between attempts.
            user_agent: Name of your program, for the logs of the server.
            transport: Another transport of httpx, for tests.
        """
        http = httpx.AsyncClient(**options(url, api_key, user_agent), transport=transport)
        super().__init__(url, WaitingTransport(http), retries or Retries())

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


def options(url: str, api_key: str, user_agent: str) -> dict[str, Any]:
    """Return the options of both kinds of httpx clients."""
    headers = {"Authorization": f"Bearer {api_key}", "User-Agent": user_agent}
    return {"base_url": url.rstrip("/"), "headers": headers, "timeout": TIMEOUT, "trust_env": False}
