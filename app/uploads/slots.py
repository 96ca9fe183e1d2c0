"""How many files one process receives at once. Each takes memory for its buffers."""

from collections.abc import Iterator
from contextlib import contextmanager

from app.errors import UnavailableError

MOST = 64
_taken = 0


@contextmanager
def slot() -> Iterator[None]:
    """Hold one of the places. Raises: UnavailableError if all are taken."""
    global _taken  # noqa: PLW0603 (one count for each process)
    if _taken >= MOST:
        raise UnavailableError(
            "too_many_transfers",
            f"The server is receiving {MOST} files already. Send this one in a few seconds.",
            headers={"Retry-After": "5"},
        )
    _taken += 1
    try:
        yield
    finally:
        _taken -= 1
