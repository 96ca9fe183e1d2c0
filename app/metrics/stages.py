"""Seconds that finished jobs took, by stage."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from prometheus_client import Histogram
from prometheus_client.core import Metric
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.db.models import Job

BUCKETS = (1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0, 14400.0)
OVERLAP = timedelta(seconds=60)
"""Each read begins this long before the last one ended: a job commits after its `finished_at`."""


class StageSeconds:
    """Counts each job that finishes while this process runs once."""

    def __init__(self) -> None:
        self._seconds = Histogram(
            "exhume_stage_seconds",
            "Seconds of the last attempt of finished jobs.",
            ("stage", "state"),
            buckets=BUCKETS,
            registry=None,
        )
        self._since: datetime | None = None
        self._counted: set[UUID] = set()

    def metrics(self) -> Iterable[Metric]:
        """Return the histogram."""
        return self._seconds.collect()

    def read(self, session: Session) -> None:
        """Count the jobs that finished since the last call. The first call counts none."""
        now = session.execute(select(func.now())).scalar_one()
        since = (self._since or now) - OVERLAP
        found = select(Job.id, Job.stage, Job.state, Job.started_at, Job.finished_at).where(Job.finished_at > since)
        rows = session.execute(found).all()
        for row in rows:
            if self._since is not None and row.id not in self._counted and row.started_at is not None:
                seconds = (row.finished_at - row.started_at).total_seconds()
                self._seconds.labels(row.stage, row.state).observe(max(seconds, 0.0))
        self._counted = {row.id for row in rows}
        self._since = now
