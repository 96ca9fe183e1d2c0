"""Claiming, extending and returning jobs.

Leases use PostgreSQL's clock, so the clocks of workers do not matter.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Float,
    ScalarSelect,
    String,
    Uuid,
    bindparam,
    exists,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session, aliased
from sqlalchemy.sql.dml import ReturningUpdate

from app.db.models import Audit, Job, WorkerNode
from app.db.round_trip import together
from app.db.states import JobState
from app.jobs import admission, fairness
from app.jobs.transitions import held, job_event, lock_owner, move, settle

JOB = Job.__table__


@dataclass(frozen=True)
class Claim:
    """A job that a worker owns until `lease_until`. `attempt` and `worker` fence all writes."""

    job_id: UUID
    attempt: int
    project_id: UUID
    audit_id: UUID | None
    subject_id: UUID | None
    stage: str
    shard: int
    shards: int
    payload: dict[str, Any]
    max_attempts: int
    estimate_seconds: float | None
    setbacks: int = 0
    traceparent: str | None = None
    needs_bytes: int | None = None
    worker: str | None = None


def lease_end(seconds: float | BindParameter[float]) -> Any:
    """Return SQL for this many seconds from now, by the database's clock at the statement."""
    return func.clock_timestamp() + func.make_interval(0, 0, 0, 0, 0, 0, seconds)


def claim(session: Session, job_id: UUID, *, worker: str, lease_seconds: float) -> Claim | None:
    """Take a queued job that may run, or a running job whose lease has expired.

    If another worker has just taken it, takes another shard of its stage, as workers that look at
    the same moment choose the same job.

    Locks the job, but not its audit, whose other shards end meanwhile: `record_start` tells the
    audit afterwards. Commits, so that the next claim of the project can take its turn. Returns
    None if no such job is available, if it does not fit, or if the audit was cancelled.
    """
    values = {"the_job": job_id, "of_worker": worker, "lease_seconds": lease_seconds}
    for job in together(session, (fairness.turn(), {"the_job": job_id}), (_claim(), values), commit=True):
        return claim_of(job)
    return None


def claim_of(job: Any) -> Claim:
    """Return the claim of a row that a worker has taken."""
    return Claim(
        job_id=job.id,
        attempt=job.attempt,
        project_id=job.project_id,
        audit_id=job.audit_id,
        subject_id=job.subject_id,
        stage=job.stage,
        shard=job.shard,
        shards=job.shards,
        payload=job.payload,
        max_attempts=job.max_attempts,
        estimate_seconds=job.estimate_seconds,
        setbacks=job.setbacks,
        traceparent=job.traceparent,
        needs_bytes=job.needs_bytes,
        worker=job.worker,
    )


@lru_cache
def _claim() -> ReturningUpdate[Any]:
    """Return the statement of a claim of `the_job`, or of another shard if that one is taken.

    Its other parameters are `of_worker` and `lease_seconds`.
    """
    worker, the_job = bindparam("of_worker", type_=String), bindparam("the_job", type_=Uuid)
    expired = fairness.is_running() & (Job.lease_until < func.clock_timestamp())
    available = or_(fairness.due() & fairness.has_room_now(), expired)
    # a common table expression: the clock in it keeps PostgreSQL from an index otherwise
    chosen = select(func.coalesce(_another_shard(the_job), the_job).label("id")).cte("chosen")
    return (
        update(JOB)  # type: ignore[arg-type]
        .where(Job.id == chosen.c.id)
        .where(Job.attempt < Job.max_attempts, admission.fits(), available, ~_is_cancelled())
        .values(
            state=JobState.RUNNING,
            attempt=Job.attempt + 1,
            worker=worker,
            device=_device_of(worker),
            lease_until=lease_end(bindparam("lease_seconds", type_=Float)),
            started_at=func.clock_timestamp(),
            problem=None,
            not_before=None,
            done=0,
            total=0,
        )
        .returning(*(column for column in JOB.c if column.name != "curve"))
    )


def _another_shard(of: BindParameter[UUID]) -> ScalarSelect[UUID]:
    """Return SQL for the oldest queued shard of the same stage of the audit, if this job is taken.

    Claims of a project take turns, so no other worker takes it meanwhile.
    """
    this, other, now = aliased(Job), aliased(Job), func.clock_timestamp()
    taken = (this.id == of, fairness.is_running(this), this.lease_until >= now)
    beside = select(this.project_id, this.audit_id, this.stage).where(*taken).cte("beside")
    owner = beside.c.project_id
    queued = (fairness.is_queued(other, audits=True), or_(other.not_before.is_(None), other.not_before <= now))
    return (
        select(other.id)
        .join(beside, other.project_id.between(owner, owner))  # for the index, as in `fairness`
        .where(other.audit_id == beside.c.audit_id, other.stage == beside.c.stage, *queued)
        .order_by(other.project_id, other.id)
        .limit(1)
        .scalar_subquery()
    )


def _is_cancelled() -> ColumnElement[bool]:
    """Return SQL for a job of an audit that somebody has cancelled.

    If that happens at the same time, whoever locks the job first is right: the job is claimed and
    its worker hears of the cancellation, or it is cancelled and cannot be claimed.
    """
    return exists().where(Audit.id == Job.audit_id, Audit.cancel_requested_at.is_not(None))


def _device_of(worker: BindParameter[str]) -> ScalarSelect[str]:
    """Return SQL for the kind of a worker's device, as the worker registered it."""
    return select(WorkerNode.device["kind"].as_string()).where(WorkerNode.name == worker).scalar_subquery()


def give_back(session: Session, claim: Claim) -> list[UUID]:
    """Return an unfinished job at an orderly shutdown. The attempt does not count.

    Returns the jobs to publish.
    """
    audit = lock_owner(session, claim.job_id)
    job = held(session, claim.job_id, claim.attempt, claim.worker)
    if audit is not None and audit.cancel_requested_at is not None:
        job_event(session, move(session, job, JobState.CANCELLED))
        return settle(session, audit)
    more = {"max_attempts": job.max_attempts + 1, "lease_until": None, "published_at": None, "worker": None}
    job_event(session, move(session, job, JobState.QUEUED, **more))
    return [claim.job_id, *(settle(session, audit) if audit is not None else ())]
