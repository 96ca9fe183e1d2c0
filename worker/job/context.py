"""What a stage is given: its claim, a scratch folder, progress, and database access that is fenced and retried."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from app.jobs.leases import Claim
from app.jobs.transitions import held, lock_owner
from worker.job.heartbeat import Heartbeat
from worker.job.retry import transaction

T = TypeVar("T")


@dataclass(frozen=True)
class Outcome:
    """What a stage hands back: figures for the job's row, rows to write in the very transaction that ends it, and
    what is to be done once that is committed (bearable if it never happens)."""

    result: dict[str, Any] = field(default_factory=dict)
    write: Callable[[Session], None] | None = None
    afterwards: Callable[[], None] | None = None


@dataclass(frozen=True)
class StageContext:
    """One attempt at one job."""

    claim: Claim
    scratch: Path
    heartbeat: Heartbeat
    hardware: dict[str, Any] = field(default_factory=dict)

    def progress(self, done: int, total: int, figures: dict[str, float] | None = None) -> None:
        """Tell how far the stage is. A checkpoint too: raises when the job was cancelled or lost."""
        self.heartbeat.report(done, total, figures or {})
        self.heartbeat.check()

    def checkpoint(self) -> None:
        """Raise when the job was cancelled or lost."""
        self.heartbeat.check()

    def read(self, work: Callable[[Session], T]) -> T:
        """Read from the database, waiting for it if it is away."""
        return transaction(work)

    def write(self, work: Callable[[Session], T]) -> T:
        """Write before the stage ends, only while this attempt holds the job. `work` must bear repetition."""

        def fenced(session: Session) -> T:
            lock_owner(session, self.claim.job_id)
            held(session, self.claim.job_id, self.claim.attempt)
            return work(session)

        return transaction(fenced)


Stage = Callable[[StageContext], Outcome]
