"""A closed loop of GET requests over kept connections, at little cost to the machine it shares."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from bench.cost.processor_time import own_seconds


@dataclass
class Measured:
    """What a loop saw: requests, their times, the processor time of the server, and bytes."""

    seconds: float = 0.0
    processor_seconds: float = 0.0
    times: list[float] = field(default_factory=list)
    bytes: int = 0

    @property
    def per_second(self) -> float:
        """Return requests a second."""
        return len(self.times) / self.seconds

    @property
    def processor_ms(self) -> float:
        """Return milliseconds of the server's processor time for each request."""
        return 1000 * self.processor_seconds / max(len(self.times), 1)

    def percentile_ms(self, share: float) -> float:
        """Return the time in which this share of requests was answered."""
        ordered = sorted(self.times)
        return 1000 * ordered[min(int(share * len(ordered)), len(ordered) - 1)]


class Connection:
    """A kept connection to a server."""

    def __init__(self, url: str, key: str | None) -> None:
        self.address = urlsplit(url)
        self.key = key

    async def open(self) -> None:
        """Connect."""
        self.reader, self.writer = await asyncio.open_connection(self.address.hostname, self.address.port)

    async def get(self, path: str) -> int:
        """Send a GET request. Returns the length of the body. Ends the program on an error."""
        await self.ask(path)
        head = (await self.reader.readuntil(b"\r\n\r\n")).lower()
        if not head.startswith((b"http/1.1 200", b"http/1.1 304")):
            raise SystemExit(f"{path}: {head.decode(errors='replace')}")
        length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
        await self.reader.readexactly(length)
        return length

    async def ask(self, path: str) -> None:
        """Send a GET request, and leave the answer unread."""
        key = f"Authorization: Bearer {self.key}\r\n" if self.key else ""
        self.writer.write(f"GET {path} HTTP/1.1\r\nHost: {self.address.hostname}\r\n{key}\r\n".encode())
        await self.writer.drain()

    def close(self) -> None:
        """Disconnect."""
        self.writer.close()


async def loop(url: str, key: str | None, paths: Sequence[str], pid: int, *, seconds: float, clients: int) -> Measured:
    """Ask for the paths in turn for some seconds. Each client waits for an answer."""
    connections = [Connection(url, key) for _ in range(clients)]
    await asyncio.gather(*(one.open() for one in connections))
    await asyncio.gather(*(one.get(path) for one in connections for path in paths[:1]))
    turns = turn(paths)
    found, used, begun = Measured(), own_seconds(pid), time.perf_counter()

    async def ask(connection: Connection) -> None:
        while (now := time.perf_counter()) - begun < seconds:
            length = await connection.get(next(turns))
            found.bytes += length
            found.times.append(time.perf_counter() - now)

    await asyncio.gather(*(ask(one) for one in connections))
    found.seconds, found.processor_seconds = time.perf_counter() - begun, own_seconds(pid) - used
    for one in connections:
        one.close()
    return found


def turn(paths: Sequence[str]) -> Iterator[str]:
    """Return the paths again and again."""
    while True:
        yield from paths
