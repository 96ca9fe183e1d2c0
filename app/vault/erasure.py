"""Removal of destroyed keys from the files of the database.

A deleted row stays in its table's file until the file is written again, and in the write-ahead log
until the segments that hold it are removed. VACUUM FULL writes the small tables of keys again. A
new segment and a checkpoint let PostgreSQL remove the old ones, if the role may ask for both; the
embedded server allows it and removes them at once. Copies outside the server, in its archive and
in backups, are beyond its reach.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import structlog
from sqlalchemy import Connection, create_engine, func, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from app.db.models import DestroyedKey
from app.db.session import configured_url, sync_session

log = structlog.get_logger(__name__)

TABLES = ("object_key", "project_key")
PATIENCE_SECONDS = 5.0
LOCK_TIMEOUT = "2s"
OLDER = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
    "AND backend_type = 'client backend' AND xact_start <= :moment"
)


class NotErasedError(RuntimeError):
    """The files of the database could not be cleaned. The next run tries again."""


def erase() -> int:
    """Clean the files of the database if keys were destroyed. Returns how many are gone now."""
    with sync_session() as session:
        waiting = list(session.scalars(select(DestroyedKey.id).where(DestroyedKey.erased_at.is_(None))))
        moment = session.scalars(select(func.clock_timestamp())).one()
    if not waiting:
        return 0
    try:
        with _connection() as connection:
            _wait_for_older(connection, moment)
            _rewrite(connection)
            _drop_old_log(connection)
    except (DBAPIError, NotErasedError) as error:
        log.warning("keys.not_erased", waiting=len(waiting), error=repr(getattr(error, "orig", error)))
        return 0
    with sync_session() as session:
        done = update(DestroyedKey).where(DestroyedKey.id.in_(waiting)).values(erased_at=func.now())
        session.execute(done)
    log.info("keys.erased", count=len(waiting))
    return len(waiting)


@contextmanager
def _connection() -> Iterator[Connection]:
    engine = create_engine(configured_url(), poolclass=NullPool, isolation_level="AUTOCOMMIT", hide_parameters=True)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def _wait_for_older(connection: Connection, moment: datetime) -> None:
    """Wait for transactions that may still see a deleted row, which VACUUM keeps for them."""
    until = time.monotonic() + PATIENCE_SECONDS
    while connection.execute(OLDER, {"moment": moment}).scalar_one():
        if time.monotonic() > until:
            raise NotErasedError("an older transaction is still open")
        time.sleep(0.05)


def _rewrite(connection: Connection) -> None:
    """Write the tables to new files. Raises: NotErasedError unless the role owns them."""
    connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
    for table in TABLES:
        file = text(f"SELECT pg_relation_filenode('{table}')")
        before = connection.execute(file).scalar_one()
        connection.execute(text(f"VACUUM (FULL) {table}"))
        if connection.execute(file).scalar_one() == before:
            raise NotErasedError(f"the role of the service does not own {table}")


def _drop_old_log(connection: Connection) -> None:
    """Begin a new segment of the write-ahead log and let the old ones be removed."""
    for statement in ("SELECT pg_switch_wal()", "CHECKPOINT"):
        try:
            connection.execute(text(statement))
        except DBAPIError as error:
            log.info("keys.log_kept", statement=statement, error=repr(error.orig))
