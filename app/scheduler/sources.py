"""Watches sources beside the scheduler's rounds, in a thread that slow servers may hold up."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from app.db.session import configured_url
from app.outbound.transport import PinnedClient
from app.settings import settings
from app.sources.rounds import round_of

log = structlog.get_logger(__name__)
LAST_SECONDS = 20.0


@contextmanager
def sources() -> Iterator[None]:
    """Watch sources for the length of the block."""
    stop = threading.Event()
    thread = threading.Thread(target=_work, args=(stop,), name="sources", daemon=True)
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
            log.warning("sources.database_away", error=repr(error))
        except Exception:
            log.exception("sources.failed")
        stop.wait(settings().reaper_seconds)


async def _rounds(stop: threading.Event) -> None:
    engine = create_async_engine(configured_url(), pool_size=1, max_overflow=1)
    try:
        async with PinnedClient(settings().import_networks) as client:
            while not stop.is_set():
                if not await round_of(client, engine):
                    await asyncio.to_thread(stop.wait, settings().reaper_seconds)
    finally:
        await engine.dispose()
