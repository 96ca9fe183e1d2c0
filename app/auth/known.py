"""Subjects of the keys and sessions that were seen in the last seconds.

A subject is forgotten when PostgreSQL says that a key, session, membership or account has changed,
after every request of this process that may have changed one, and after `EXHUME_ACCESS_SECONDS`.
While such news may be missed, nothing is remembered.
"""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple

from fastapi import FastAPI

from app.auth.subject import Subject
from app.db.listening import ACCESS, Listener
from app.settings import settings

MOST = 10_000


class Look(NamedTuple):
    """When a subject was read, and how often everything had been forgotten by then."""

    era: int
    at: float


@dataclass
class Known:
    """The subjects, by the HMAC of their secret."""

    listener: Listener
    _subjects: dict[bytes, tuple[float, Subject]] = field(default_factory=dict)
    _era: int = 0

    def __post_init__(self) -> None:
        self.listener.subscribe(ACCESS, lambda _: self.forget())
        self.listener.when_connection_changes(self.forget)

    def find(self, secret: bytes) -> Subject | None:
        """Return the subject of a secret, if it was seen in the last seconds."""
        until, subject = self._subjects.get(secret, (0.0, None))
        return subject if until > time.monotonic() else None

    def look(self) -> Look:
        """Return the moment before a subject is read, for `remember`."""
        return Look(self._era, time.monotonic())

    def remember(self, secret: bytes, subject: Subject, expires_at: datetime | None, look: Look) -> None:
        """Remember a subject, unless something was forgotten since it was read."""
        seconds = settings().access_seconds
        if expires_at is not None:
            seconds = min(seconds, (expires_at - datetime.now(UTC)).total_seconds())
        if self.listener.connected and look.era == self._era and seconds > 0:
            if len(self._subjects) >= MOST:
                self._subjects.clear()
            self._subjects[secret] = (look.at + seconds, subject)

    def forget(self) -> None:
        """Forget all subjects."""
        self._subjects.clear()
        self._era += 1


def known(app: FastAPI) -> Known:
    """Return what this process remembers."""
    found = app.state.known
    assert isinstance(found, Known)
    return found
