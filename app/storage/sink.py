"""Passing an upload from the event loop to a store. A thread hashes and writes full buffers.

Each upload has two buffers, one to fill while the other is processed, so memory use does not
depend on the size of the file. Hashing and writing release the GIL, so concurrent uploads use all
cores.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Protocol

import anyio

BUFFER_BYTES = 512 * 1024
THREADS = ThreadPoolExecutor(max_workers=8, thread_name_prefix="exhume-sink")


class Digest(Protocol):
    """A digest that is being computed."""

    def update(self, data: memoryview, /) -> None:
        """Add bytes."""
        ...


class Sink:
    """A buffer for chunks of any size. `offset` counts the bytes fed, written or not."""

    def __init__(self, write: Callable[[memoryview], None], digests: Sequence[Digest], offset: int = 0) -> None:
        self._write = write
        self._digests = digests
        self._filling, self._spare = bytearray(BUFFER_BYTES), bytearray()
        self._filled = 0
        self._working: asyncio.Future[None] | None = None
        self.offset = offset

    async def feed(self, chunk: bytes) -> None:
        """Add a chunk. Waits while both buffers are full. Raises errors of earlier writes."""
        rest = memoryview(chunk)
        while rest:
            count = min(len(rest), BUFFER_BYTES - self._filled)
            self._filling[self._filled : self._filled + count] = rest[:count]
            self._filled += count
            self.offset += count
            rest = rest[count:]
            if self._filled == BUFFER_BYTES:
                await self._pass_on()

    async def drain(self) -> None:
        """Wait until everything is hashed and written, even if the caller is cancelled."""
        with anyio.CancelScope(shield=True):
            if self._filled:
                await self._pass_on()
            await self._finish()

    async def settle(self) -> None:
        """Wait for the thread and drop the rest, so that the target can be closed."""
        self._filled = 0
        with anyio.CancelScope(shield=True), suppress(Exception):
            await self._finish()

    async def _pass_on(self) -> None:
        await self._finish()
        full, self._filling, self._spare = self._filling, self._spare or bytearray(BUFFER_BYTES), self._filling
        view, self._filled = memoryview(full)[: self._filled], 0
        self._working = asyncio.get_running_loop().run_in_executor(THREADS, self._work, view)

    async def _finish(self) -> None:
        if self._working is not None:
            working, self._working = self._working, None
            await asyncio.shield(working)

    def _work(self, view: memoryview) -> None:
        for digest in self._digests:
            digest.update(view)
        self._write(view)
