"""Passwords of people: hashed with Argon2 in a thread, a few at a time."""

from functools import lru_cache

import anyio
from anyio import CapacityLimiter
from anyio.lowlevel import RunVar
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

SHORTEST, LONGEST = 12, 200
AT_ONCE = 2
"""Each hash takes 64 MiB and tens of milliseconds of a core."""
_limiter: RunVar[CapacityLimiter] = RunVar("limiter of password hashes")


@lru_cache(maxsize=1)
def _hashes() -> PasswordHash:
    return PasswordHash((Argon2Hasher(),))


@lru_cache(maxsize=1)
def _of_nobody() -> str:
    return _hashes().hash("the password of nobody")


def _limit() -> CapacityLimiter:
    found = _limiter.get(None)
    if found is None:
        found = CapacityLimiter(AT_ONCE)
        _limiter.set(found)
    return found


async def hashed(password: str) -> str:
    """Return the hash of a password."""
    return await anyio.to_thread.run_sync(_hashes().hash, password, limiter=_limit())


async def matches(password: str, stored: str | None) -> bool:
    """Tell whether a password has this hash. Without a hash it takes the same time."""
    right = await anyio.to_thread.run_sync(_verify, password, stored, limiter=_limit())
    return right and stored is not None


def _verify(password: str, stored: str | None) -> bool:
    return _hashes().verify(password, stored or _of_nobody())
