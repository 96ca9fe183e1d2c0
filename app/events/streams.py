"""The open event streams of an API process: what wakes them, and how many there may be."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from fastapi import FastAPI

from app.auth.subject import Subject
from app.db.listening import ACCESS, EVENTS, Listener
from app.errors import TooManyRequestsError
from app.settings import settings

QUIET_SECONDS = 15.0
"""Between two looks at an audit and at its reader without any news."""
DEAF_SECONDS = 0.5
"""The same while news may be missed."""


class Streams:
    """Wakes the streams of an audit that has a new event, and all streams when access changed."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._waiting: dict[UUID, set[asyncio.Event]] = defaultdict(set)
        self._open: Counter[UUID] = Counter()
        listener.subscribe(EVENTS, lambda audit: self._wake(UUID(audit)))
        listener.subscribe(ACCESS, lambda _: self.wake_all())
        listener.when_connection_changes(self.wake_all)

    @property
    def patience(self) -> float:
        """Return for how many seconds a stream waits for news."""
        return QUIET_SECONDS if self._listener.connected else DEAF_SECONDS

    @contextmanager
    def place(self, subject: Subject) -> Iterator[None]:
        """Take one of the places for streams. Raises `TooManyRequestsError`."""
        key, limits = subject.key_id or subject.id, settings()
        if self._open.total() >= limits.max_streams or self._open[key] >= limits.max_streams_per_key:
            raise TooManyRequestsError(
                "too_many_streams",
                "Too many event streams are open. Close some, or read the audit from time to time.",
                headers={"Retry-After": "15"},
            )
        self._open[key] += 1
        try:
            yield
        finally:
            self._open[key] -= 1
            if not self._open[key]:
                del self._open[key]

    @contextmanager
    def following(self, audit_id: UUID) -> Iterator[asyncio.Event]:
        """Yield an event that is set when there may be something new."""
        woken = asyncio.Event()
        self._waiting[audit_id].add(woken)
        try:
            yield woken
        finally:
            self._waiting[audit_id].discard(woken)
            if not self._waiting[audit_id]:
                del self._waiting[audit_id]

    def _wake(self, audit_id: UUID) -> None:
        for woken in self._waiting.get(audit_id, ()):
            woken.set()

    def wake_all(self) -> None:
        """Wake every stream."""
        for audit_id in list(self._waiting):
            self._wake(audit_id)


def streams(app: FastAPI) -> Streams:
    """Return the streams of this process."""
    found = app.state.streams
    assert isinstance(found, Streams)
    return found
