"""Calls of a method of both clients, over a transport that answers without a network."""

import asyncio
import inspect
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import httpx

from exhume import AsyncClient, Client, Retries

Handler = Callable[[httpx.Request], httpx.Response]
Call = Callable[..., Any]
AT_ONCE = Retries(pauses=(0.0, 0.0), uploads=(0.0, 0.0))


def blocking(handler: Handler, method: str, *arguments: Any, **options: Any) -> Any:
    """Call a method of `Client`. An iterator is read to its end."""
    with Client("http://server", "exh_key", retries=AT_ONCE, transport=httpx.MockTransport(handler)) as client:
        found = getattr(client, method)(*arguments, **options)
        return list(found) if isinstance(found, Iterator) else found


def awaited(handler: Handler, method: str, *arguments: Any, **options: Any) -> Any:
    """Do the same with `AsyncClient`."""

    async def call() -> Any:
        transport = httpx.MockTransport(handler)
        async with AsyncClient("http://server", "exh_key", retries=AT_ONCE, transport=transport) as client:
            found = getattr(client, method)(*arguments, **options)
            if inspect.iscoroutine(found):
                return await found
            assert isinstance(found, AsyncIterator)
            return [item async for item in found]

    return asyncio.run(call())


BOTH = [blocking, awaited]
