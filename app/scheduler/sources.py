"""Watches sources beside the scheduler's rounds."""

import asyncio
import threading
from contextlib import AbstractContextManager

from sqlalchemy.ext.asyncio import create_async_engine

from app.db.session import configured_url
from app.outbound.transport import PinnedClient
from app.scheduler.beside import beside
from app.settings import settings
from app.sources.rounds import round_of


def sources() -> AbstractContextManager[None]:
    """Watch sources for the length of a block."""
    return beside("sources", _rounds)


async def _rounds(stop: threading.Event) -> None:
    engine = create_async_engine(configured_url(), hide_parameters=True, pool_size=1, max_overflow=1)
    try:
        async with PinnedClient(settings().import_networks) as client:
            while not stop.is_set():
                if not await round_of(client, engine):
                    await asyncio.to_thread(stop.wait, settings().reaper_seconds)
    finally:
        await engine.dispose()
