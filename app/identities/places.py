"""How many exports one process holds in memory at once."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends

from app.errors import TooManyRequestsError

MOST = 2
RETRY_SECONDS = 15
_taken = 0


async def place() -> AsyncIterator[None]:
    """Hold a place until the answer is sent, nobody reads it any more, or the request fails."""
    global _taken  # noqa: PLW0603 (one count for each process)
    if _taken >= MOST:
        raise TooManyRequestsError(
            "too_many_exports",
            f"The server makes {MOST} exports already, and holds each in memory. Try again in a few seconds.",
            headers={"Retry-After": str(RETRY_SECONDS)},
        )
    _taken += 1
    try:
        yield
    finally:
        _taken -= 1


Held = Annotated[None, Depends(place, scope="request")]
