"""How many exports one process holds in memory at once."""

from fastapi import Response
from starlette.types import Receive, Scope, Send

from app.errors import TooManyRequestsError

MOST = 2
RETRY_SECONDS = 15
_taken = 0


class Place:
    """One of the places for an export, from its beginning until its answer is sent."""

    def __init__(self) -> None:
        global _taken  # noqa: PLW0603 (one count for each process)
        if _taken >= MOST:
            raise TooManyRequestsError(
                "too_many_exports",
                f"The server makes {MOST} exports already, and holds each in memory. Try again in a few seconds.",
                headers={"Retry-After": str(RETRY_SECONDS)},
            )
        _taken += 1
        self._held = True

    def leave(self) -> None:
        """Give the place back."""
        global _taken  # noqa: PLW0603 (one count for each process)
        if self._held:
            self._held = False
            _taken -= 1


class PlacedResponse(Response):
    """An answer that keeps its place until it is sent, or until nobody reads it any more."""

    place: Place

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self.place.leave()
