"""Return of a job that lacks something: room on a disk, or a file that an earlier stage made.

Such an attempt does not count, as neither the input nor the worker is at fault.
"""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.db.models import Job, WorkerNode
from app.db.states import JobState
from app.jobs.leases import Claim, lease_end
from app.jobs.stages import Stage
from app.jobs.transitions import held, job_event, lock_owner, move, settle

MOST_SETBACKS = 40
FIRST_PAUSE, LONGEST_PAUSE = 5.0, 600.0


def pause_after(setbacks: int) -> float:
    """Return the seconds to wait, which double with each earlier setback."""
    return float(min(FIRST_PAUSE * 2 ** min(setbacks, 20), LONGEST_PAUSE))


def postpone(
    session: Session,
    claim: Claim,
    problem: dict[str, Any],
    needs_bytes: int | None = None,
    *,
    beyond_device: bool = False,
) -> list[UUID]:
    """Return a job to the queue for later. `problem` says what it waits for.

    Returns the jobs to publish. The scheduler publishes this one when its pause is over.

    Args:
        needs_bytes: memory that a device must have for the job, if it ran out.
        beyond_device: it needs more than the device of this worker has.
    """
    more: dict[str, Any] = {}
    if needs_bytes is not None:
        has = select(WorkerNode.memory_bytes).where(WorkerNode.name == Job.worker).scalar_subquery()
        least = [has + 1] if beyond_device else []  # `greatest` leaves out what is not known
        more["needs_bytes"] = func.greatest(Job.needs_bytes, needs_bytes, *least)
    pause = lease_end(pause_after(claim.setbacks))
    return _return(session, claim, JobState.QUEUED, problem, not_before=pause, **more)


def wait_for(session: Session, claim: Claim, stages: Collection[Stage], problem: dict[str, Any]) -> list[UUID]:
    """Queue these earlier stages of the audit again, and let the job wait for them.

    Returns the jobs to publish.
    """
    audit = lock_owner(session, claim.job_id)
    assert audit is not None, "only stages of audits have earlier stages"
    queued: list[UUID] = []
    if audit.cancel_requested_at is None:
        done = select(Job).where(Job.audit_id == audit.id, Job.stage.in_(stages), Job.state == JobState.SUCCEEDED)
        for job in session.execute(done.with_for_update(key_share=True)).scalars().all():
            more = {"max_attempts": job.max_attempts + 1, "published_at": None, "worker": None, "finished_at": None}
            job_event(session, move(session, job, JobState.QUEUED, **more))
            queued.append(job.id)
    return queued + _return(session, claim, JobState.WAITING, problem)


def _return(session: Session, claim: Claim, state: JobState, problem: dict[str, Any], **values: Any) -> list[UUID]:
    audit = lock_owner(session, claim.job_id)
    job = held(session, claim.job_id, claim.attempt, claim.worker)
    if audit is not None and audit.cancel_requested_at is not None:
        job_event(session, move(session, job, JobState.CANCELLED))
        return settle(session, audit)
    values |= {"max_attempts": job.max_attempts + 1, "setbacks": job.setbacks + 1, "problem": problem}
    values |= {"lease_until": None, "published_at": None, "worker": None}
    job_event(session, move(session, job, state, **values), problem=problem)
    return settle(session, audit) if audit is not None else []
