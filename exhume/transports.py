"""Two drivers for the one description of requests: one waits for the network, one blocks.

Everything the client does is written once, as coroutines over a `Transport`. The coroutines of a
blocking transport never suspend, so `run` can step through them without an event loop.
"""

import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

import anyio
import anyio.to_thread
import httpx

T = TypeVar("T")
CHUNK_BYTES = 1024 * 1024


@dataclass(frozen=True)
class FilePart:
    """A part of a file as the body of a request. `sent` is called with the offset reached."""

    file: Path
    offset: int
    size: int
    sent: Callable[[int], None]

    def chunks(self) -> Iterator[bytes]:
        """Read the part piece by piece."""
        left = self.size
        with self.file.open("rb") as source:
            source.seek(self.offset)
            while left and (chunk := source.read(min(CHUNK_BYTES, left))):
                yield chunk
                left -= len(chunk)


class Lines(Protocol):
    """A response that is read line by line."""

    @property
    def response(self) -> httpx.Response:
        """Return the response, whose body is not read yet."""

    async def read(self) -> httpx.Response:
        """Read the whole body."""

    def __aiter__(self) -> AsyncIterator[str]:
        """Yield the lines."""


class Transport(Protocol):
    """Everything the client needs from the outside."""

    async def send(self, method: str, path: str, part: FilePart | None = None, **options: Any) -> httpx.Response:
        """Send a request once. A `part` is streamed from its file."""

    def stream(self, path: str, **options: Any) -> AbstractAsyncContextManager[Lines]:
        """Open a response to read line by line."""

    async def sleep(self, seconds: float) -> None:
        """Wait."""

    async def call(self, function: Callable[..., T], *arguments: Any) -> T:
        """Call a function that takes a while, such as reading a whole file."""

    async def close(self) -> None:
        """Close the connections."""


class BlockingLines:
    """Lines of a response of a blocking transport."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response

    async def read(self) -> httpx.Response:
        self.response.read()
        return self.response

    async def __aiter__(self) -> AsyncGenerator[str]:
        for line in self.response.iter_lines():
            yield line


class BlockingTransport:
    """Blocks the calling thread."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http

    async def send(self, method: str, path: str, part: FilePart | None = None, **options: Any) -> httpx.Response:
        body: dict[str, Any] = {} if part is None else {"content": _read(part)}
        return self._http.request(method, path, **options, **body)

    @asynccontextmanager
    async def stream(self, path: str, **options: Any) -> AsyncIterator[Lines]:
        with self._http.stream("GET", path, **options) as response:
            yield BlockingLines(response)

    async def sleep(self, seconds: float) -> None:
        time.sleep(seconds)  # noqa: ASYNC251 - nothing else runs in a blocking client

    async def call(self, function: Callable[..., T], *arguments: Any) -> T:
        return function(*arguments)

    async def close(self) -> None:
        self._http.close()


class WaitingLines:
    """Lines of a response of an asynchronous transport."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response

    async def read(self) -> httpx.Response:
        await self.response.aread()
        return self.response

    def __aiter__(self) -> AsyncIterator[str]:
        return self.response.aiter_lines()


class WaitingTransport:
    """Awaits the network."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def send(self, method: str, path: str, part: FilePart | None = None, **options: Any) -> httpx.Response:
        body: dict[str, Any] = {} if part is None else {"content": _read_in_threads(part)}
        return await self._http.request(method, path, **options, **body)

    @asynccontextmanager
    async def stream(self, path: str, **options: Any) -> AsyncIterator[Lines]:
        async with self._http.stream("GET", path, **options) as response:
            yield WaitingLines(response)

    async def sleep(self, seconds: float) -> None:
        await anyio.sleep(seconds)

    async def call(self, function: Callable[..., T], *arguments: Any) -> T:
        return await anyio.to_thread.run_sync(function, *arguments)

    async def close(self) -> None:
        await self._http.aclose()


def _read(part: FilePart) -> Iterator[bytes]:
    at = part.offset
    for chunk in part.chunks():
        yield chunk
        at += len(chunk)
        part.sent(at)


async def _read_in_threads(part: FilePart) -> AsyncIterator[bytes]:
    at, chunks = part.offset, part.chunks()
    while chunk := await anyio.to_thread.run_sync(next, chunks, b""):
        yield chunk
        at += len(chunk)
        part.sent(at)


def run(steps: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine of a blocking transport to its end."""
    try:
        steps.send(None)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]
    steps.close()
    raise RuntimeError("a blocking client suspended")
