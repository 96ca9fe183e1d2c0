"""Database transactions that are retried while PostgreSQL restarts."""

import time
from collections.abc import Callable
from typing import TypeVar

import structlog
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.orm import Session

from app.db.session import sync_session

log = structlog.get_logger(__name__)

T = TypeVar("T")
GIVE_UP_SECONDS = 600.0
LONGEST_PAUSE = 5.0


def transaction(work: Callable[[Session], T], *, give_up_seconds: float = GIVE_UP_SECONDS) -> T:
    """Run `work` in a transaction. Retry with growing pauses while the database is unavailable.

    `work` must be safe to repeat: when the connection breaks during a commit, the outcome is
    unknown.
    """
    deadline = time.monotonic() + give_up_seconds
    pause = 0.1
    while True:
        try:
            with sync_session() as session:
                return work(session)
        except DBAPIError as error:
            if not is_passing(error) or time.monotonic() + pause > deadline:
                raise
            log.warning("database.away", error=first_line(error), again_in=pause)
        time.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)


def is_passing(error: DBAPIError) -> bool:
    """Return True for an error of the connection or the server, False for one of the statement."""
    return error.connection_invalidated or isinstance(error, OperationalError | InterfaceError)


def first_line(error: Exception) -> str:
    """Return an error's message without the statement and its values, which must not be logged."""
    return str(getattr(error, "orig", None) or error).partition("\n")[0]
