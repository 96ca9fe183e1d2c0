"""The scheduler's work on schedules: records due runs, starts them, and notes how they ended."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from app.db.session import configured_url, sync_session
from app.schedules import ending, recording
from app.schedules.starting import start_next

SECONDS_A_ROUND = 3.0
"""Time for starting audits in one round, so that the reaper does not wait."""


class Schedules:
    """Runs the service's asynchronous functions in the scheduler's thread."""

    def __init__(self, runner: asyncio.Runner, engine: AsyncEngine) -> None:
        self._runner, self._engine = runner, engine

    def tick(self) -> bool:
        """Run one round. Returns True if there is more to do."""
        recorded = recording.BATCH
        while recorded == recording.BATCH:
            with sync_session() as session:
                recorded = recording.record_due(session, datetime.now(UTC))
        with sync_session() as session:
            ending.settle(session, datetime.now(UTC))
        end = time.monotonic() + SECONDS_A_ROUND
        while time.monotonic() < end:
            if not self._runner.run(start_next(self._engine)):
                return False
        return True


@contextmanager
def schedules() -> Iterator[Schedules]:
    """Compute future times again, then hold an event loop and a connection pool."""
    with sync_session() as session:
        recording.replan(session, datetime.now(UTC))
    engine = create_async_engine(configured_url(), hide_parameters=True, pool_size=1, max_overflow=1)
    with asyncio.Runner() as runner:
        try:
            yield Schedules(runner, engine)
        finally:
            runner.run(engine.dispose())
