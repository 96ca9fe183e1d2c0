"""News from PostgreSQL. One connection of each API process hears what all processes write.

Triggers send the news in the transaction of the change:

    exhume_events   the id of an audit that has a new event
    exhume_access   a key, session, membership or account changed or was deleted
"""

import asyncio
from collections.abc import Callable

import structlog
from psycopg import AsyncConnection, OperationalError

from app.db.session import sqlalchemy_url

log = structlog.get_logger(__name__)

EVENTS = "exhume_events"
ACCESS = "exhume_access"
RETRY_SECONDS = 1.0
Heard = Callable[[str], None]


class Listener:
    """Passes news to its subscribers. `connected` is false while news may be missed."""

    def __init__(self) -> None:
        self.connected = False
        self._subscribers: dict[str, list[Heard]] = {EVENTS: [], ACCESS: []}
        self._changed: list[Callable[[], None]] = []

    def subscribe(self, channel: str, heard: Heard) -> None:
        """Call `heard` with the text of every notification of a channel."""
        self._subscribers[channel].append(heard)

    def when_connection_changes(self, callback: Callable[[], None]) -> None:
        """Call `callback` when the connection is made and when it is lost."""
        self._changed.append(callback)

    async def run(self, url: str) -> None:
        """Listen until the task is cancelled. Connects again when PostgreSQL was away."""
        while True:
            try:
                await self._listen(url)
            except OperationalError as error:
                log.warning("listener.lost", error=type(error).__name__)
            finally:
                self._set(connected=False)
            await asyncio.sleep(RETRY_SECONDS)

    async def _listen(self, url: str) -> None:
        address = sqlalchemy_url(url).replace("+psycopg", "", 1)
        async with await AsyncConnection.connect(address, autocommit=True) as connection:
            for channel in self._subscribers:
                await connection.execute(f"LISTEN {channel}".encode())
            self._set(connected=True)
            async for notification in connection.notifies():
                for heard in self._subscribers[notification.channel]:
                    heard(notification.payload)

    def _set(self, *, connected: bool) -> None:
        self.connected = connected
        for callback in self._changed:
            callback()
