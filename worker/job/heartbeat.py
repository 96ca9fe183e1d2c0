"""The heartbeat: a thread that renews the lease, writes progress and notices a cancellation.

It has a separate database connection.
"""

import threading
import time
from dataclasses import dataclass, field
from types import TracebackType

import structlog
from sqlalchemy import Engine, create_engine, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.db.models import Audit, Job
from app.db.session import configured_url
from app.db.states import JobState
from app.jobs.events import record
from app.jobs.leases import Claim, extend
from app.jobs.transitions import LeaseLostError, lock_audit
from app.settings import settings
from worker.job.retry import first_line

log = structlog.get_logger(__name__)

POLL_SECONDS = 1.0  # delay until a cancellation is noticed, and the least time between progress events


class JobCancelledError(Exception):
    """The audit was cancelled. Raised at the stage's next checkpoint."""


@dataclass(frozen=True)
class Report:
    """Progress as last reported by a stage."""

    done: int = 0
    total: int = 0
    figures: dict[str, float] = field(default_factory=dict)


class Heartbeat:
    """Runs for the length of its `with` block. `check()` raises in the stage's thread."""

    def __init__(self, claim: Claim) -> None:
        self._claim = claim
        self._report = Report()
        self._recorded = self._report
        self._last_beat = time.monotonic()
        self._stop = threading.Event()
        self._cancelled = threading.Event()
        self._lost = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"heartbeat-{claim.job_id}", daemon=True)

    def __enter__(self) -> "Heartbeat":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join(timeout=30)

    def report(self, done: int, total: int, figures: dict[str, float]) -> None:
        """Store the latest progress. The thread writes it at most once per second."""
        self._report = Report(done, total, dict(figures))

    def check(self) -> None:
        """Raise `LeaseLostError` or `JobCancelledError` if the stage has to end here."""
        if self._lost.is_set():
            raise LeaseLostError(f"attempt {self._claim.attempt} lost job {self._claim.job_id}")
        if self._cancelled.is_set():
            raise JobCancelledError

    def _run(self) -> None:
        engine = create_engine(configured_url(), hide_parameters=True, pool_pre_ping=True, pool_size=1, max_overflow=0)
        while not self._stop.wait(min(POLL_SECONDS, settings().heartbeat_seconds)):
            try:
                self._beat(engine)
                self._check_claim(engine)
            except LeaseLostError as error:
                if not self._stop.is_set():  # else this worker has just ended the job
                    log.warning("job.lease_lost", job_id=str(self._claim.job_id), error=str(error))
                self._lost.set()
                break
            except SQLAlchemyError as error:  # a restart of the database; the lease outlasts a retry
                log.warning("job.heartbeat_missed", job_id=str(self._claim.job_id), error=first_line(error))
        engine.dispose()

    def _beat(self, engine: Engine) -> None:
        claim, report = self._claim, self._report
        news = report is not self._recorded
        if not news and time.monotonic() - self._last_beat < settings().heartbeat_seconds:
            return
        with Session(engine) as session, session.begin():
            if claim.audit_id is not None:
                lock_audit(session, claim.audit_id)  # the audit first, then its job: see transitions
            extend(session, claim, lease_seconds=settings().lease_seconds, done=report.done, total=report.total)
            if news and claim.audit_id is not None:
                payload = {
                    "job_id": str(claim.job_id),
                    "stage": claim.stage,
                    "shard": claim.shard,
                    "done": report.done,
                    "total": report.total,
                    "metrics": report.figures,
                }
                record(session, claim.audit_id, "progress", payload)
        self._recorded, self._last_beat = report, time.monotonic()

    def _check_claim(self, engine: Engine) -> None:
        wish = select(Audit.cancel_requested_at).select_from(Job).outerjoin(Audit, Audit.id == Job.audit_id)
        held = wish.where(
            Job.id == self._claim.job_id, Job.attempt == self._claim.attempt, Job.state == JobState.RUNNING
        )
        with Session(engine) as session, session.begin():
            row = session.execute(held).one_or_none()
        if row is None:
            raise LeaseLostError(f"attempt {self._claim.attempt} no longer holds job {self._claim.job_id}")
        if row.cancel_requested_at is not None:
            self._cancelled.set()
