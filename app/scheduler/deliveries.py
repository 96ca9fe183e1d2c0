"""Sends events beside the scheduler's rounds, in a thread that slow receivers may hold up."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import structlog
from sqlalchemy.exc import DBAPIError

from app.db.session import sync_session
from app.notifications.delivering import round_of
from app.notifications.dispatch import BATCH, dispatch
from app.outbound.transport import PinnedClient
from app.settings import settings

log = structlog.get_logger(__name__)
LAST_SECONDS = 20.0


@contextmanager
def deliveries() -> Iterator[None]:
    """Send events for the length of the block."""
    stop = threading.Event()
    thread = threading.Thread(target=_work, args=(stop,), name="deliveries", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(LAST_SECONDS)


def _work(stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            asyncio.run(_rounds(stop))
        except DBAPIError as error:
            log.warning("deliveries.database_away", error=repr(error))
        except Exception:
            log.exception("deliveries.failed")
        stop.wait(settings().reaper_seconds)


async def _rounds(stop: threading.Event) -> None:
    async with PinnedClient(settings().webhook_networks) as client:
        while not stop.is_set():
            with sync_session() as session:
                events = dispatch(session, datetime.now(UTC))
            sent = await round_of(client)
            if events < BATCH and not sent:
                await asyncio.to_thread(stop.wait, settings().reaper_seconds)
