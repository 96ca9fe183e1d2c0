"""The heartbeat: a thread that renews the lease, writes progress and notices a cancellation.

It has a separate database connection. A stage that has to end is given a moment to reach its next
checkpoint. Then it is interrupted. If it is inside native code even then, a cancelled job is ended
in the database, and what the stage still computes is never written.
"""

import math
import threading
import time
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

import structlog
from sqlalchemy import Engine, create_engine, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.contract.curve import CurvePoint
from app.db.models import Audit, Job
from app.db.session import configured_url
from app.db.states import JobState
from app.jobs.events import record
from app.jobs.leases import Claim, extend
from app.jobs.stages import SEARCHES
from app.jobs.transitions import LeaseLostError, finish, lock_audit
from app.settings import settings
from worker.job.curve import KeptCurve, write_curve
from worker.job.interruption import Interruption
from worker.job.retry import first_line

log = structlog.get_logger(__name__)

POLL_SECONDS = 0.4  # delay until a cancellation is noticed
PROGRESS_SECONDS = 1.0  # least time between progress events
EVENTS_PER_SECOND = 20  # of progress, of all shards of a stage
CHECKPOINT_SECONDS = 0.4  # for a stage that has to end to reach a checkpoint
NATIVE_SECONDS = 1.2  # until a cancelled job is ended in the database
CURVE_SECONDS = 5.0  # least time between writes of the curve of a search
INTERRUPT_AGAIN_SECONDS = 5.0  # if the stage has caught an interruption


def pause_between_beats(claim: Claim) -> float:
    """Return the seconds between two heartbeats of a stage that reports progress.

    Progress is an event of the audit, and its shards report it together this often at most.
    """
    return min(max(PROGRESS_SECONDS, claim.shards / EVENTS_PER_SECOND), settings().heartbeat_seconds)


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
        self.claim = claim
        self._report = Report()
        self._recorded = self._report
        self.curve = KeptCurve()
        self._curve_at = 0.0
        self._last_beat = time.monotonic()
        self._stop = threading.Event()
        self._cancelled = threading.Event()
        self._lost = threading.Event()
        self.interruption = Interruption()
        self._ending_since: float | None = None
        self._interrupted: float | None = None
        self._thread = threading.Thread(target=self._run, name=f"heartbeat-{claim.job_id}", daemon=True)

    def __enter__(self) -> "Heartbeat":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join(timeout=30)

    @property
    def lost(self) -> bool:
        """True if another attempt, or nobody, holds the job."""
        return self._lost.is_set()

    def report(self, done: int, total: int, figures: dict[str, float]) -> None:
        """Store the latest progress. The thread writes it at most once per second."""
        if self.claim.stage in SEARCHES:
            self.curve.add(figures)
        kept = {name: one for name, one in figures.items() if name not in CurvePoint._fields and math.isfinite(one)}
        self._report = Report(done, total, kept)

    def check(self) -> None:
        """Raise `LeaseLostError` or `JobCancelledError` if the stage has to end here."""
        if self._lost.is_set():
            raise LeaseLostError(f"attempt {self.claim.attempt} lost job {self.claim.job_id}")
        if self._cancelled.is_set():
            raise JobCancelledError

    def _run(self) -> None:
        # No ping before statements: many workers look often, and a beat that fails is repeated.
        engine = create_engine(configured_url(), hide_parameters=True, pool_size=1, max_overflow=0)
        while not self._stop.wait(min(POLL_SECONDS, settings().heartbeat_seconds)):
            try:
                self.beat(engine)
                self._check_claim(engine)
            except LeaseLostError as error:
                if not self._stop.is_set():  # else this worker has just ended the job
                    log.warning("job.lease_lost", job_id=str(self.claim.job_id), error=str(error))
                self._lost.set()
                break
            except SQLAlchemyError as error:  # a restart of the database; the lease outlasts a retry
                log.warning("job.heartbeat_missed", job_id=str(self.claim.job_id), error=first_line(error))
        engine.dispose()
        while self._lost.is_set() and self.interruption.possible and not self._stop.wait(POLL_SECONDS):
            self._interrupt()

    def beat(self, engine: Engine) -> None:
        """Renew the lease and record progress, if it is time."""
        claim, report = self.claim, self._report
        news = report is not self._recorded
        due = pause_between_beats(claim) if news else settings().heartbeat_seconds
        if time.monotonic() - self._last_beat < due:
            return
        with Session(engine) as session, session.begin():
            if claim.audit_id is not None:
                lock_audit(session, claim.audit_id)  # the audit first, then its job: see transitions
            extend(session, claim, lease_seconds=settings().lease_seconds, done=report.done, total=report.total)
            newest = self.curve.newest if time.monotonic() - self._curve_at >= CURVE_SECONDS else None
            if newest is not None:
                write_curve(session, claim, self.curve)
            if news and claim.audit_id is not None:
                payload: dict[str, Any] = {
                    "job_id": str(claim.job_id),
                    "stage": claim.stage,
                    "shard": claim.shard,
                    "done": report.done,
                    "total": report.total,
                    "metrics": report.figures,
                }
                point = {} if newest is None else {"curve": newest._asdict()}
                record(session, claim.audit_id, "progress", payload | point)
        self._recorded, self._last_beat = report, time.monotonic()
        if newest is not None:
            self._curve_at = self._last_beat

    def _check_claim(self, engine: Engine) -> None:
        wish = select(Audit.cancel_requested_at).select_from(Job).outerjoin(Audit, Audit.id == Job.audit_id)
        held = wish.where(Job.id == self.claim.job_id, Job.attempt == self.claim.attempt, Job.state == JobState.RUNNING)
        with Session(engine.execution_options(isolation_level="AUTOCOMMIT")) as session:
            row = session.execute(held).one_or_none()
        if row is None:
            raise LeaseLostError(f"attempt {self.claim.attempt} no longer holds job {self.claim.job_id}")
        if row.cancel_requested_at is not None:
            self._cancelled.set()
            self._end(engine)

    def _end(self, engine: Engine) -> None:
        """End a cancelled stage that has not ended at a checkpoint."""
        self._interrupt()
        waited = 0.0 if self._ending_since is None else time.monotonic() - self._ending_since
        if waited >= NATIVE_SECONDS and self.interruption.possible:
            log.warning("job.cancelled_in_native_code", job_id=str(self.claim.job_id), stage=self.claim.stage)
            with Session(engine) as session, session.begin():
                finish(session, self.claim.job_id, self.claim.attempt, JobState.CANCELLED)
            self._lost.set()

    def _interrupt(self) -> None:
        """Interrupt the stage once it has had time to reach a checkpoint, and again if need be."""
        now = time.monotonic()
        if self._ending_since is None:
            self._ending_since = now
        again = self._interrupted is None or now - self._interrupted >= INTERRUPT_AGAIN_SECONDS
        if now - self._ending_since >= CHECKPOINT_SECONDS and again and self.interruption.interrupt():
            self._interrupted = now
