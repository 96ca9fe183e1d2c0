"""Database work that survives a restart of PostgreSQL: the whole transaction is tried again."""

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
    """Run `work` in a transaction; again, with growing pauses, while the database is away.

    `work` must bear repetition: when the connection breaks during a commit nobody knows whether it took place.
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
    """True for an error of the connection or the server, as opposed to one of the statement."""
    return error.connection_invalidated or isinstance(error, OperationalError | InterfaceError)


def first_line(error: Exception) -> str:
    """What an error says, without the statement and its values: those don't belong in a log."""
    return str(getattr(error, "orig", None) or error).partition("\n")[0]
