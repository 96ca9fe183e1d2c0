"""The Redis-protocol server, used directly by the API to count attempts and send `PING`."""

from functools import lru_cache, partial
from typing import TYPE_CHECKING

import anyio

from app.jobs.broker import configured_url

if TYPE_CHECKING:
    from redis import Redis

TIMEOUT_SECONDS = 2.0


@lru_cache(maxsize=4)
def _client(url: str) -> "Redis":
    from redis import Redis

    return Redis.from_url(url, socket_timeout=TIMEOUT_SECONDS, socket_connect_timeout=TIMEOUT_SECONDS)


async def ping() -> None:
    """Send PING. Raises `redis.exceptions.RedisError` or `OSError` if there is no answer."""
    await anyio.to_thread.run_sync(partial(_client(configured_url()).execute_command, "PING"))


async def count(name: str, *, window_seconds: int, by: int = 1) -> tuple[int, int]:
    """Increase a counter that expires after its window.

    Returns its value and the seconds left.
    """

    def add() -> tuple[int, int]:
        with _client(configured_url()).pipeline(transaction=True) as pipe:
            pipe.incr(name, by)
            pipe.expire(name, window_seconds, nx=True)
            pipe.ttl(name)
            value, _, left = pipe.execute()
            return int(value), int(left)

    return await anyio.to_thread.run_sync(add)
