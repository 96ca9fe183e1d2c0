"""The run of one job: heartbeat, stage, and a fenced last write with the stage's rows."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import count
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.db.models import Job
from app.db.session import sync_session
from app.db.states import JobState
from app.jobs import again, fairness, leases
from app.jobs.dispatch import publish_now
from app.jobs.leases import Claim
from app.jobs.stages import Stage as StageName
from app.jobs.starts import claimed_unheard, record_start
from app.jobs.transitions import LeaseLostError, end_held, held, lock_owner
from app.observability.devices import DeviceError
from app.observability.traces import span_of_job
from app.settings import settings
from worker.inversion.acceleration.exactness import unsteady_operations
from worker.job.context import Outcome, Stage, StageContext
from worker.job.curve import KeptCurve, write_curve
from worker.job.heartbeat import Heartbeat, JobCancelledError
from worker.job.interruption import StageInterrupted
from worker.job.lacking import LackingError
from worker.job.place import choose, needed_bytes
from worker.job.retry import first_line, transaction
from worker.job.scratch import scratch_folder
from worker.node import node_name
from worker.runtime import device, memory
from worker.runtime.device_faults import DeviceFault, device_fault, end_worker
from worker.runtime.problems import is_final, is_full, problem_of
from worker.stages import load_stage

log = structlog.get_logger(__name__)


def run_claimed(job_id: UUID, find_stage: Callable[[str], Stage] = load_stage) -> bool:
    """Claim the job, or another shard of its stage; run it, record its end, publish the next jobs.

    Return whether one was available.
    """
    try:
        hardware = device.prepare()  # before the claim: importing torch may delay the heartbeat for seconds
    except DeviceError as error:
        log.error("worker.device_unusable", error=str(error))
        end_worker()
        return False
    claim = take(job_id, node_name())
    if claim is None:
        log.info("job.not_claimed", job_id=str(job_id))
        return False
    log.info("job.claimed", job_id=str(claim.job_id), stage=claim.stage, shard=claim.shard, attempt=claim.attempt)
    about: dict[str, str | int] = {"exhume.job": str(claim.job_id), "exhume.attempt": claim.attempt}
    with Heartbeat(claim) as heartbeat, span_of_job(claim.stage, claim.traceparent, about):
        ready = attempt(claim, hardware, heartbeat, find_stage) if begin(claim, node_name()) else []
    device.release()
    announce(claim, ready)
    return True


def take(job_id: UUID, worker: str) -> Claim | None:
    """Claim the job, or another shard of its stage, for a worker. Return None if there is none.

    If the connection breaks during the commit, look for what this worker has before it takes more.
    """
    lease = settings().lease_seconds
    attempts = count()

    def work(session: Session) -> Claim | None:
        if next(attempts) and (found := claimed_unheard(session, job_id, worker, lease)) is not None:
            return found
        return leases.claim(session, job_id, worker=worker, lease_seconds=lease)

    return transaction(work)


def begin(claim: Claim, worker: str) -> bool:
    """Tell the audit that the attempt runs. Return whether it still holds the job."""
    with holding(claim):
        transaction(lambda session: record_start(session, claim, worker))
        return True
    return False


@contextmanager
def holding(claim: Claim) -> Iterator[None]:
    """End the block quietly if the lease is lost. Give the job back if the worker is stopped."""
    try:
        yield
    except LeaseLostError as error:
        log.warning("job.stopped", job_id=str(claim.job_id), stage=claim.stage, error=str(error))
    except (SystemExit, KeyboardInterrupt):
        try:
            transaction(lambda session: leases.give_back(session, claim), give_up_seconds=2)
        except LeaseLostError as error:  # there is nothing to give back
            log.warning("job.stopped", job_id=str(claim.job_id), stage=claim.stage, error=str(error))
        raise


def announce(claim: Claim, ready: list[UUID]) -> None:
    """Publish the jobs that became ready when a job ended, and one that its limits held back."""
    try:
        with sync_session() as session:
            ready = ready + fairness.held_back(session, claim.project_id, besides=ready)
        publish_now(ready)
    except DBAPIError as error:  # the job has ended; the reaper publishes the next ones
        log.warning("jobs.publish_failed", error=first_line(error))


@dataclass(frozen=True)
class End:
    """The end of an attempt.

    Attributes:
        made_by: stage to run again before this one.
        later: the job waits in the queue, as a disk is full or a device failed.
        fault: of the device.
    """

    state: JobState
    outcome: Outcome = Outcome()  # noqa: RUF009 (frozen)
    problem: dict[str, Any] | None = None
    made_by: StageName | None = None
    later: bool = False
    fault: DeviceFault | None = None


def attempt(
    claim: Claim, hardware: dict[str, Any], heartbeat: Heartbeat, find_stage: Callable[[str], Stage]
) -> list[UUID]:
    """Run the stage and record its end, unless the lease was lost.

    Return the jobs that became ready.
    """
    memory.reset_peak()
    ready = None
    with holding(claim):
        end = run_stage(claim, hardware, heartbeat, find_stage)
        ready = conclude(claim, end, heartbeat.curve)
    if ready is None:
        return []
    if end.outcome.afterwards is not None:
        end.outcome.afterwards()
    if end.fault is not None and end.fault.ends_worker:
        end_worker()
    return ready


def run_stage(claim: Claim, hardware: dict[str, Any], heartbeat: Heartbeat, find_stage: Callable[[str], Stage]) -> End:
    """Run the stage. Every exception becomes an end, except a lost lease and a shutdown."""
    try:
        needed = transaction(lambda session: needed_bytes(session, claim))
        with scratch_folder(choose(claim, needed)) as folder:
            context = StageContext(claim, folder, heartbeat, hardware)
            with unsteady_operations(context.device) as unsteady:
                heartbeat.interruption.open()
                try:
                    outcome = find_stage(claim.stage)(context)
                finally:
                    heartbeat.interruption.close()
            heartbeat.check()
            if claim.audit_id is not None and not outcome.idle:
                outcome = on_hardware(outcome, hardware, unsteady)
            return End(JobState.SUCCEEDED, outcome)
    except LeaseLostError:
        raise
    except (JobCancelledError, StageInterrupted):
        heartbeat.interruption.close()
        if heartbeat.lost:
            raise LeaseLostError(f"attempt {claim.attempt} no longer holds job {claim.job_id}") from None
        return End(JobState.CANCELLED)
    except Exception as error:
        log.exception("job.failed", job_id=str(claim.job_id), stage=claim.stage, attempt=claim.attempt)
        return failure(claim, error, hardware)


def on_hardware(outcome: Outcome, hardware: dict[str, Any], unsteady: Sequence[str]) -> Outcome:
    """Add the hardware to the result of a stage, which may say how it used it.

    Args:
        unsteady: operations without a deterministic kernel that the stage used.
    """
    used = hardware | outcome.result.get("hardware", {}) | ({"nondeterministic": sorted(unsteady)} if unsteady else {})
    return replace(outcome, result=outcome.result | {"hardware": used})


def failure(claim: Claim, error: Exception, hardware: dict[str, Any] | None = None) -> End:
    """Return to the queue, or fail if the input is at fault or no attempts are left.

    What can be put right without a new upload does not count as an attempt.
    """
    fault = device_fault(error, hardware or {}, claim.stage)
    problem = problem_of(error, claim) if fault is None else fault.problem
    if claim.setbacks < again.MOST_SETBACKS:
        if fault is not None:
            return End(JobState.QUEUED, problem=problem, later=True, fault=fault)
        if isinstance(error, LackingError) and claim.audit_id is not None:
            return End(JobState.WAITING, problem=problem, made_by=error.made_by)
        if is_full(error):
            return End(JobState.QUEUED, problem=problem, later=True)
    once_more = not is_final(error) and claim.attempt < claim.max_attempts
    return End(JobState.QUEUED if once_more else JobState.FAILED, problem=problem, fault=fault)


def conclude(claim: Claim, end: End, curve: KeptCurve) -> list[UUID]:
    """Write the end, fenced. The stage's rows and the new state become visible together."""

    def work(session: Session) -> list[UUID]:
        audit = lock_owner(session, claim.job_id)
        try:
            job = held(session, claim.job_id, claim.attempt, claim.worker)
        except LeaseLostError:
            if already_ended(session, claim, end.state):
                return []
            raise
        if end.outcome.write is not None:
            end.outcome.write(session)
        if curve.newest is not None:
            write_curve(session, claim, curve)
        if end.later:
            needs, beyond = (None, False) if end.fault is None else (end.fault.needs_bytes, end.fault.beyond_device)
            return again.postpone(session, claim, end.problem or {}, needs, beyond_device=beyond)
        if end.made_by is not None:
            return again.wait_for(session, claim, {end.made_by}, end.problem or {})
        return end_held(
            session,
            audit,
            job,
            end.state,
            result=end.outcome.result if end.state is JobState.SUCCEEDED else None,
            problem=end.problem,
            peak_memory_bytes=memory.peak_bytes(),
        )

    try:
        return transaction(work)
    except LeaseLostError:
        raise
    except Exception as error:
        if end.outcome.write is None:
            raise
        log.exception("job.write_failed", job_id=str(claim.job_id), stage=claim.stage, attempt=claim.attempt)
        return conclude(claim, failure(claim, error), curve)


def already_ended(session: Session, claim: Claim, state: JobState) -> bool:
    """Return True if this write already took place.

    The connection may break after the commit, and the write is then repeated.
    """
    job = session.get(Job, claim.job_id)
    return job is not None and job.attempt == claim.attempt and job.state == state
