"""From an event loop to a store: bytes are gathered in buffers, and a thread hashes and stores the full ones.

Two buffers an upload, so that one fills while the other is worked on; memory stays flat however large the file is.
Hashing and writing let go of Python's lock, so uploads at the same time use all cores.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Protocol

import anyio

BUFFER_BYTES = 1024 * 1024
THREADS = ThreadPoolExecutor(max_workers=8, thread_name_prefix="exhume-sink")


class Digest(Protocol):
    """A hash that is being computed."""

    def update(self, data: memoryview, /) -> None:
        """Take in more bytes."""
        ...


class Sink:
    """Takes chunks of any size; `offset` counts those taken, written or not."""

    def __init__(self, write: Callable[[memoryview], None], digests: Sequence[Digest], offset: int = 0) -> None:
        self._write = write
        self._digests = digests
        self._filling, self._spare = bytearray(BUFFER_BYTES), bytearray(BUFFER_BYTES)
        self._filled = 0
        self._working: asyncio.Future[None] | None = None
        self.offset = offset

    async def feed(self, chunk: bytes) -> None:
        """Take a chunk in; waits while both buffers are full. Raises what writing an earlier one raised."""
        rest = memoryview(chunk)
        while rest:
            taken = min(len(rest), BUFFER_BYTES - self._filled)
            self._filling[self._filled : self._filled + taken] = rest[:taken]
            self._filled += taken
            self.offset += taken
            rest = rest[taken:]
            if self._filled == BUFFER_BYTES:
                await self._pass_on()

    async def drain(self) -> None:
        """Wait until everything is hashed and written, whatever becomes of the caller meanwhile."""
        with anyio.CancelScope(shield=True):
            if self._filled:
                await self._pass_on()
            await self._finish()

    async def settle(self) -> None:
        """Wait for the thread alone, and forget the rest: before what it writes to is closed after an error."""
        self._filled = 0
        with anyio.CancelScope(shield=True), suppress(Exception):
            await self._finish()

    async def _pass_on(self) -> None:
        await self._finish()
        full, self._filling, self._spare = self._filling, self._spare, self._filling
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
