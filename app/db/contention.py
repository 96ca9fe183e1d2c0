"""Requests that want the rows of other transactions: how long they wait, and how they end.

Workers and the scheduler wait without a limit, and repeat a transaction that PostgreSQL has ended.
"""

from typing import Any

import psycopg
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.orm import Session

from app.errors import UnavailableError

LOCK_SECONDS = 10.0
"""Time for which a request waits for a lock."""
ARRIVED_SECONDS = 120.0
"""Time for which it waits once a file has arrived, which would have to be sent again."""
LOCK_NOT_AVAILABLE = "55P03"
ENDED = frozenset({"40P01", "40001"})
"""States of SQL after a deadlock and a failure to serialize: the transaction may be repeated."""

NAMES = {
    "40P01": "deadlock",
    "40001": "serialization_failure",
    LOCK_NOT_AVAILABLE: "lock_timeout",
    "57014": "statement_cancelled",  # also by `statement_timeout`
}
AWAY = ("08", "57P0")
"""Beginnings of states of SQL: the connection failed, or the server stops, crashed or starts."""


class BusyError(UnavailableError):
    """Another transaction holds what this one needs. Nothing was changed."""

    def __init__(self) -> None:
        detail = "Another request or job holds what this one needs. Nothing was changed. Try again in a few seconds."
        super().__init__("database_busy", detail, headers={"Retry-After": "2"})


class EndedError(BusyError):
    """PostgreSQL has ended the transaction of a request, which may be repeated."""


def sql_state(error: BaseException) -> str | None:
    """Return the SQLSTATE of an error of psycopg, or of SQLAlchemy's error around it."""
    return getattr(getattr(error, "orig", error), "sqlstate", None)


def failure(error: BaseException) -> str:
    """Return the name of a database error for logs, such as `deadlock`.

    It is `database_away` if the connection failed or the server ended it, and `database_error` for
    an error without a name of its own.
    """
    state = sql_state(error)
    if state is None:  # not from the server
        lost = isinstance(getattr(error, "orig", error), psycopg.OperationalError | psycopg.InterfaceError)
    else:
        lost = state.startswith(AWAY) or getattr(error, "connection_invalidated", False)
    return "database_away" if lost else NAMES.get(state or "", "database_error")


def limit_waits(engine: AsyncEngine) -> AsyncEngine:
    """Let the connections of an engine wait for locks no longer than a request may."""

    @event.listens_for(engine.sync_engine, "connect")
    def _limit(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        cursor.execute(wait_limit())
        cursor.close()
        connection.commit()

    return engine


def limit_wait(session: Session, seconds: float | None = None) -> None:
    """Let a transaction wait for locks this long, by default no longer than a request may."""
    session.execute(text(wait_limit(seconds, local=True)))


def wait_limit(seconds: float | None = None, *, local: bool = False) -> str:
    """Return the statement that limits waits for locks, in a transaction or from now on."""
    return f"SET {'LOCAL ' if local else ''}lock_timeout = {(seconds or LOCK_SECONDS) * 1000:.0f}"
