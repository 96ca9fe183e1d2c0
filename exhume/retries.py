"""Which failures are worth another attempt, and how long to wait before it."""

import random
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

from exhume.errors import ApiError, UnreachableError

AGAIN = frozenset({429, 502, 503, 504})


@dataclass(frozen=True)
class Retries:
    """Waits between the attempts at one request, and between those to continue an upload.

    `pauses` are the longest waits, in seconds. Each is shortened at random by up to a quarter, so
    that many clients do not return at the same moment. A `Retry-After` of the server replaces
    them. If it exceeds `longest`, the error is raised at once. An upload ends after `uploads` in a
    row without a byte that arrived.
    """

    pauses: tuple[float, ...] = (0.25, 0.5, 1.0, 2.0, 4.0)
    longest: float = 60.0
    uploads: tuple[float, ...] = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)

    def wait(self, attempt: int, error: Exception) -> float | None:
        """Return the seconds until the next attempt, or None if there is none."""
        if attempt >= len(self.pauses) or not may_pass(error):
            return None
        asked = error.retry_after if isinstance(error, ApiError) else None
        if asked is not None:
            return asked if asked <= self.longest else None
        return self.pauses[attempt] * random.uniform(0.75, 1)


def may_pass(error: Exception) -> bool:
    """Tell whether a later attempt may succeed, as after a restart of the server."""
    if isinstance(error, ApiError):
        return error.status in AGAIN
    return isinstance(error, httpx.TransportError | UnreachableError)


def retry_after(header: str | None, now: datetime | None = None) -> float | None:
    """Return the seconds of a `Retry-After` header, which holds a number or a date."""
    if not header:
        return None
    if header.strip().isdecimal():
        return float(header)
    try:
        until = parsedate_to_datetime(header)
    except ValueError:
        return None
    return max((until - (now or datetime.now(UTC))).total_seconds(), 0.0)
