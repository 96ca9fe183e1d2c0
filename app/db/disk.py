"""Commits that wait for the disk without holding locks.

PostgreSQL keeps the locks of a transaction until its commit is on disk: those of rows, and the one
of transactions with a notification, of which one can end at a time. A transaction for which many
others wait can commit at once instead, and wait for the disk afterwards. Until then, others see
what a crash of the server would undo. Nothing that follows from it can outlast the crash, as the
disk gets commits in their order.
"""

from functools import lru_cache

from sqlalchemy import ColumnElement, Connection, Select, String, func, literal, select, true
from sqlalchemy.orm import Session


def commits_at_once() -> ColumnElement[bool]:
    """Return SQL that is true and lets the commit of its transaction not wait for the disk."""
    off = literal("off", String)
    return func.set_config(literal("synchronous_commit", String), off, true()) == off


def commit_at_once(session: Session) -> None:
    """Let the commit of this transaction not wait for the disk."""
    session.execute(_at_once())


def wait_for_disk(connection: Connection | Session) -> None:
    """Wait until everything that was committed before is on disk, when this transaction commits.

    The transaction has to be another one, and holds no lock.
    """
    connection.execute(_message())


@lru_cache
def _at_once() -> Select[bool]:
    return select(commits_at_once())


@lru_cache
def _message() -> Select[str]:
    """Return a statement that writes to the log, without which a commit does not wait."""
    about = literal("exhume", String)
    return select(func.pg_logical_emit_message(true(), about, literal("", String)))
