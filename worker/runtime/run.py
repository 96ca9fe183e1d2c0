"""One job from claim to end: heartbeat, stage, and a fenced last write that carries the stage's rows."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy.orm import Session

from app.db.models import Job
from app.jobs import leases
from app.jobs.dispatch import publish_now
from app.jobs.leases import Claim
from app.jobs.states import JobState
from app.jobs.transitions import LeaseLostError, finish, held, lock_owner
from app.settings import settings
from worker.lifecycle import node_name
from worker.runtime import device, memory
from worker.runtime.context import Outcome, Stage, StageContext
from worker.runtime.heartbeat import Heartbeat, JobCancelledError
from worker.runtime.problems import is_final, problem_of
from worker.runtime.retry import transaction
from worker.stages import load_stage

log = structlog.get_logger(__name__)


def run_claimed(job_id: UUID, find_stage: Callable[[str], Stage] = load_stage) -> None:
    """Claim the job if it is to be had, run its stage, record the end, publish what this made ready."""
    worker = node_name()
    lease = settings().lease_seconds
    claim = transaction(lambda session: leases.claim(session, job_id, worker=worker, lease_seconds=lease))
    if claim is None:
        log.info("job.not_claimed", job_id=str(job_id))
        return
    log.info("job.claimed", job_id=str(job_id), stage=claim.stage, shard=claim.shard, attempt=claim.attempt)
    with Heartbeat(claim) as heartbeat:
        ready = attempt(claim, heartbeat, find_stage)
    publish_now(ready)


def attempt(claim: Claim, heartbeat: Heartbeat, find_stage: Callable[[str], Stage]) -> list[UUID]:
    """Run the stage and end the attempt the way it went; returns the jobs that are ready now."""
    memory.reset_peak()
    try:
        with tempfile.TemporaryDirectory(prefix="exhume-job-") as folder:
            context = StageContext(claim, Path(folder), heartbeat, device.prepare())
            outcome = find_stage(claim.stage)(context)
            heartbeat.check()
            return conclude(claim, JobState.SUCCEEDED, outcome)
    except LeaseLostError as error:
        log.warning("job.stopped", job_id=str(claim.job_id), stage=claim.stage, error=str(error))
        return []
    except JobCancelledError:
        return conclude(claim, JobState.CANCELLED)
    except (SystemExit, KeyboardInterrupt):
        transaction(lambda session: leases.give_back(session, claim), give_up_seconds=2)
        raise
    except Exception as error:
        log.exception("job.failed", job_id=str(claim.job_id), stage=claim.stage, attempt=claim.attempt)
        again = not is_final(error) and claim.attempt < claim.max_attempts
        return conclude(claim, JobState.QUEUED if again else JobState.FAILED, problem=problem_of(error, claim))


def conclude(
    claim: Claim, state: JobState, outcome: Outcome | None = None, *, problem: dict[str, Any] | None = None
) -> list[UUID]:
    """The fenced last write. The stage's rows and the new state become visible together, or not at all."""
    outcome = outcome or Outcome()

    def work(session: Session) -> list[UUID]:
        if already_ended(session, claim, state):
            return []
        lock_owner(session, claim.job_id)
        held(session, claim.job_id, claim.attempt)
        if outcome.write is not None:
            outcome.write(session)
        return finish(
            session,
            claim.job_id,
            claim.attempt,
            state,
            result=outcome.result if state is JobState.SUCCEEDED else None,
            problem=problem,
            peak_memory_bytes=memory.peak_bytes(),
        )

    try:
        return transaction(work)
    except LeaseLostError as error:
        log.warning("job.result_dropped", job_id=str(claim.job_id), stage=claim.stage, error=str(error))
        return []


def already_ended(session: Session, claim: Claim, state: JobState) -> bool:
    """True when this very write did take place: the connection broke after the commit and we are called again."""
    job = session.get(Job, claim.job_id)
    return job is not None and job.attempt == claim.attempt and job.state == state
