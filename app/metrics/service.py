"""Everything that is measured when Prometheus asks."""

import threading
from collections.abc import Callable, Iterator

import structlog
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.db.contention import failure
from app.db.locks import SCHEDULER_LOCK
from app.db.session import sync_session
from app.metrics.gauges import SCHEDULER, SIZE, deliveries, gauge, jobs, uploads, workers
from app.metrics.stages import StageSeconds
from app.storage.store import store

log = structlog.get_logger(__name__)
STATEMENT_SECONDS = 5
Read = Callable[[Session], Iterator[GaugeMetricFamily]]
READS: tuple[Read, ...] = (jobs, uploads, deliveries, workers)


class Service(Collector):
    """The service as its database and store describe it."""

    def __init__(self) -> None:
        self._stages = StageSeconds()
        self._lock = threading.Lock()

    def collect(self) -> Iterator[Metric]:
        """Return the metrics. A database that does not answer is one of them."""
        with self._lock:
            try:
                found = list(self._read())
            except DBAPIError as error:
                log.warning(f"metrics.{failure(error)}", error=type(error).__name__)
                found = []
        yield gauge("exhume_database_up", "1 if the database answers.", (), [((), float(bool(found)))])
        yield from found
        yield from self._stages.metrics()
        free = store().free_bytes()
        if free is not None:
            yield gauge("exhume_store_free_bytes", "Free bytes of a store in a folder.", (), [((), float(free))])

    def _read(self) -> Iterator[GaugeMetricFamily]:
        with sync_session() as session:
            session.execute(text(f"SET LOCAL statement_timeout = '{STATEMENT_SECONDS}s'"))
            self._stages.read(session)
            for read in READS:
                yield from read(session)
            halves = {"high": SCHEDULER_LOCK >> 32, "low": SCHEDULER_LOCK & 0xFFFFFFFF}
            held = float(session.execute(SCHEDULER, halves).scalar_one())
            yield gauge("exhume_scheduler_active", "1 while a scheduler runs.", (), [((), held)])
            size = float(session.execute(SIZE).scalar_one())
            yield gauge("exhume_database_bytes", "Size of the database.", (), [((), size)])
