"""The heartbeat: a thread that renews the lease, writes progress and notices a cancellation.

It has a separate database connection. A stage that has to end is given a moment to reach its next
checkpoint. Then it is interrupted. If it is inside native code even then, a cancelled job is ended
in the database, and what the stage still computes is never written.
"""

import math
import threading
import time
from dataclasses import dataclass, field
from functools import lru_cache
from types import TracebackType

import structlog
from sqlalchemy import Engine, create_engine
from sqlalchemy.exc import SQLAlchemyError

from app.contract.curve import CurvePoint
from app.db.session import configured_url, sync_session
from app.db.states import JobState
from app.jobs import beats
from app.jobs.beats import News
from app.jobs.leases import Claim
from app.jobs.stages import SEARCHES
from app.jobs.transitions import LeaseLostError, finish
from app.settings import settings
from worker.job.curve import KeptCurve
from worker.job.interruption import Interruption
from worker.job.retry import first_line

log = structlog.get_logger(__name__)

POLL_SECONDS = 0.4  # least time until a cancellation is noticed
CHECKS_PER_SECOND = 250  # for a cancellation, by all running jobs
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


def pause_between_checks(running: int) -> float:
    """Return the seconds between two checks for a cancellation, while so many jobs run.

    All jobs share `CHECKS_PER_SECOND`, so each checks more rarely in a large fleet.
    """
    return min(max(POLL_SECONDS, running / CHECKS_PER_SECOND), max(POLL_SECONDS, settings().heartbeat_seconds))


@lru_cache(maxsize=4)
def heartbeat_engine(url: str) -> Engine:
    """Return the connection of heartbeats, on which each statement is a transaction.

    It has no ping before statements: many workers look often, and a beat that fails is repeated.
    """
    return create_engine(url, hide_parameters=True, pool_size=1, max_overflow=4, isolation_level="AUTOCOMMIT")


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
        self._last_check = self._counted = -math.inf
        self.pause = POLL_SECONDS
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
        engine = heartbeat_engine(configured_url())
        while not self._stop.wait(min(POLL_SECONDS, settings().heartbeat_seconds)):
            try:
                self.beat(engine)
                self.check_claim(engine)
                if self._cancelled.is_set():
                    self._end()
            except LeaseLostError as error:
                if not self._stop.is_set():  # else this worker has just ended the job
                    log.warning("job.lease_lost", job_id=str(self.claim.job_id), error=str(error))
                self._lost.set()
                break
            except SQLAlchemyError as error:  # a restart of the database; the lease outlasts a retry
                log.warning("job.heartbeat_missed", job_id=str(self.claim.job_id), error=first_line(error))
        engine.dispose()  # an idle worker has no connection for heartbeats
        while self._lost.is_set() and self.interruption.possible and not self._stop.wait(POLL_SECONDS):
            self._interrupt()

    def beat(self, engine: Engine) -> None:
        """Renew the lease and record progress, if it is time."""
        claim, report = self.claim, self._report
        fresh = report is not self._recorded
        due = pause_between_beats(claim) if fresh else settings().heartbeat_seconds
        if time.monotonic() - self._last_beat < due:
            return
        newest = self.curve.newest if time.monotonic() - self._curve_at >= CURVE_SECONDS else None
        news = News(report.figures, None if newest is None else self.curve.points(), newest) if fresh else None
        with engine.connect() as connection:
            cancelled = beats.beat(
                connection,
                claim,
                lease_seconds=settings().lease_seconds,
                done=report.done,
                total=report.total,
                news=news,
            )
        self._recorded, self._last_beat = report, time.monotonic()
        if news is not None and newest is not None:
            self._curve_at = self._last_beat
        self._heard(cancelled)

    def check_claim(self, engine: Engine) -> None:
        """Find out whether the job was cancelled or lost, if it is time."""
        now = time.monotonic()
        if now - self._last_check < self.pause:
            return
        with engine.connect() as connection:
            if now - self._counted >= settings().heartbeat_seconds:
                self.pause = pause_between_checks(beats.running_jobs(connection))
                self._counted = now
            self._heard(beats.check(connection, self.claim))

    def _heard(self, cancelled: bool) -> None:
        self._last_check = time.monotonic()
        if cancelled:
            self._cancelled.set()

    def _end(self) -> None:
        """End a cancelled stage that has not ended at a checkpoint."""
        self._interrupt()
        waited = 0.0 if self._ending_since is None else time.monotonic() - self._ending_since
        if waited >= NATIVE_SECONDS and self.interruption.possible:
            log.warning("job.cancelled_in_native_code", job_id=str(self.claim.job_id), stage=self.claim.stage)
            with sync_session() as session:
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
