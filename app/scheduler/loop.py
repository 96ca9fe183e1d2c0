"""The scheduler's loop. An advisory lock allows one active scheduler per database."""

import signal
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime
from types import FrameType

import structlog
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from app.db.contention import failure
from app.db.locks import SCHEDULER_LOCK
from app.db.session import configured_url, sync_session
from app.notifications import dispatch
from app.scheduler import admission, reaper, retention
from app.scheduler.decisions import Decisions
from app.scheduler.deliveries import deliveries, invitation_mail
from app.scheduler.schedules import Schedules, schedules
from app.scheduler.sources import sources
from app.schedules import ending
from app.settings import settings
from app.sources import forgetting
from app.uploads import expiry, leftovers
from app.vault import erasure, orphans, removal

log = structlog.get_logger(__name__)

RETENTION_SECONDS = 3600.0
UPLOADS_SECONDS = 60.0


def run(stop: threading.Event | None = None) -> None:
    """Run until SIGTERM, SIGINT or `stop`.

    Begins again after an error of the database, also while it does not answer. Other schedulers
    wait for the lock.
    """
    stop = stop or stop_on_signals()
    engine = create_engine(configured_url(), hide_parameters=True, poolclass=NullPool)
    while not stop.is_set():
        try:
            with engine.connect() as connection:
                if hold(connection, stop):
                    with schedules() as due, deliveries(), invitation_mail(), sources():
                        work(connection, stop, due)
        except DBAPIError as error:
            log.warning(f"scheduler.{failure(error)}", error=repr(error))
            stop.wait(settings().reaper_seconds)


def hold(connection: Connection, stop: threading.Event) -> bool:
    """Wait for the lock, which ends with this connection.

    Returns False when stopped while waiting.
    """
    while not stop.is_set():
        held = connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": SCHEDULER_LOCK}).scalar_one()
        connection.commit()
        if held:
            log.info("scheduler.active")
            return True
        stop.wait(settings().reaper_seconds)
    return False


def work(connection: Connection, stop: threading.Event, due: Schedules) -> None:
    """Run rounds until stopped. A database error ends the loop and frees the lock."""
    next_retention = next_uploads = time.monotonic()
    decisions = Decisions()
    while not stop.is_set():
        connection.execute(text("SELECT 1"))
        connection.commit()
        reaper.tick()
        admission.tick()
        busy = due.tick()
        busy |= decisions.tick()
        if time.monotonic() >= next_retention:
            with sync_session() as session:
                retention.sweep(session)
                expiry.remove_orphans(session)
                dispatch.forget(session, datetime.now(UTC))
                forgetting.forget(session, datetime.now(UTC))
                ending.forget(session, datetime.now(UTC))
            retention.forget_trainings()
            retention.forget_originals()
            orphans.remove_orphans()
            next_retention = time.monotonic() + RETENTION_SECONDS
        if time.monotonic() >= next_uploads:
            expire_uploads()
            removal.remove_waiting()
            erasure.erase()
            next_uploads = time.monotonic() + UPLOADS_SECONDS
        stop.wait(0 if busy else settings().reaper_seconds)


def expire_uploads() -> None:
    """End inactive uploads, then delete their bytes."""
    with sync_session() as session:
        left = expiry.expire(session)
    for one in left:
        leftovers.remove_now(one)


def stop_on_signals() -> threading.Event:
    """Return an event that SIGTERM and SIGINT set."""
    stop = threading.Event()

    def handler(signum: int, frame: FrameType | None) -> None:
        stop.set()

    with suppress(ValueError):  # not the main thread: the caller stops us
        signal.signal(signal.SIGTERM, handler)
        signal.signal(signal.SIGINT, handler)
    return stop
