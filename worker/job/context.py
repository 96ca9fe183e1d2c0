"""The context of a stage: claim, scratch folder, progress, fenced and retried database access."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from app.jobs.leases import Claim
from app.jobs.transitions import held, lock_owner
from worker.inversion.progress import Progress, part_of
from worker.job.heartbeat import Heartbeat
from worker.job.retry import transaction

T = TypeVar("T")


@dataclass(frozen=True)
class Outcome:
    """The result of a stage.

    Attributes:
        result: figures for the job's row.
        write: writes rows in the transaction that ends the job.
        afterwards: called after the commit; may never run.
        idle: there was nothing to compute, so the hardware does not matter.
    """

    result: dict[str, Any] = field(default_factory=dict)
    write: Callable[[Session], None] | None = None
    afterwards: Callable[[], None] | None = None
    idle: bool = False


@dataclass(frozen=True)
class StageContext:
    """One attempt at one job."""

    claim: Claim
    scratch: Path
    heartbeat: Heartbeat
    hardware: dict[str, Any] = field(default_factory=dict)

    @property
    def device(self) -> str:
        """PyTorch's name of the device that the stage computes on."""
        return str(self.hardware.get("device", "cpu"))

    def progress(self, done: int, total: int, figures: dict[str, float] | None = None) -> None:
        """Report progress. Like `checkpoint`, raises if the job was cancelled or lost."""
        self.heartbeat.report(done, total, figures or {})
        self.heartbeat.check()

    def part(self, number: int, of: int) -> Progress:
        """Return a `progress` for one of several equal parts of the job."""
        return part_of(self.progress, number, of)

    def checkpoint(self) -> None:
        """Raise if the job was cancelled or lost."""
        self.heartbeat.check()

    def read(self, work: Callable[[Session], T]) -> T:
        """Read from the database. Waits while it is unavailable."""
        return transaction(work)

    def write(self, work: Callable[[Session], T]) -> T:
        """Write before the stage ends, if this attempt still holds the job.

        `work` must be safe to repeat.
        """

        def fenced(session: Session) -> T:
            lock_owner(session, self.claim.job_id)
            held(session, self.claim.job_id, self.claim.attempt, self.claim.worker)
            return work(session)

        return transaction(fenced)


Stage = Callable[[StageContext], Outcome]
