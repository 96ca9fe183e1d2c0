"""The only place where jobs and audits change state.

An audit's state follows from its jobs in the same transaction. The audit's row is locked before
its jobs, so two shards that finish at once see each other. Only a claim locks the job and not the
audit. Code that cancels queued jobs therefore locks each of them before it reads its state.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, Row, Select, String, Uuid, and_, bindparam, func, select, update
from sqlalchemy.orm import Session, defer

from app.db.models import Audit, Job
from app.db.states import FINISHED_AUDIT, FINISHED_JOB, AuditState, JobState, check_audit_move, check_move
from app.jobs.events import record
from app.jobs.intake import refuse_subject
from app.jobs.stages import BEFORE, Stage


class LeaseLostError(RuntimeError):
    """Another attempt or nobody owns this job. The results of this attempt must not be written."""


def lock_audit(session: Session, audit_id: UUID) -> Audit:
    """Return the audit's row, read afresh and locked until the transaction ends."""
    statement = select(Audit).where(Audit.id == audit_id).with_for_update(key_share=True)
    audit = session.execute(statement, execution_options={"populate_existing": True}).scalar_one_or_none()
    if audit is None:
        raise LeaseLostError(f"audit {audit_id} was deleted")
    return audit


def lock_owner(session: Session, job_id: UUID) -> Audit | None:
    """Lock the audit of a job. Returns None for an intake job, and for one that was deleted.

    What a job does not change, such as plan and result, is read when it is asked for.
    """
    found = session.execute(_owner(), {"of_job": job_id}, execution_options={"populate_existing": True})
    return found.scalar_one_or_none()


@lru_cache
def _owner() -> Select[Audit]:
    audit_id = select(Job.audit_id).where(Job.id == bindparam("of_job", type_=Uuid)).scalar_subquery()
    large = (Audit.plan, Audit.declaration, Audit.estimate, Audit.result)
    return select(Audit).where(Audit.id == audit_id).with_for_update(key_share=True).options(*map(defer, large))


def job_payload(job_id: UUID, stage: str, attempt: int, *, shard: int, shards: int, state: JobState) -> dict[str, Any]:
    """Return what every event of a job says."""
    about = {"job_id": str(job_id), "stage": stage, "shard": shard, "shards": shards}
    return about | {"state": state.value, "attempt": attempt}


def job_event(session: Session, job: Job | Row[Any], **more: Any) -> None:
    """Append a `job` event to the job's audit. Intake jobs have no events."""
    if job.audit_id is None:
        return
    payload = job_payload(job.id, job.stage, job.attempt, shard=job.shard, shards=job.shards, state=JobState(job.state))
    record(session, job.audit_id, "job", payload | more)


def move(session: Session, job: Job, new: JobState, **values: Any) -> Job:
    """Move a job whose owner is locked to a new state.

    The statement is fenced by the state and attempt that were read.
    """
    check_move(JobState(job.state), new)
    if new in FINISHED_JOB:
        values.setdefault("finished_at", func.clock_timestamp())
        values.setdefault("lease_until", None)
    if new in {JobState.QUEUED, JobState.WAITING}:
        values["started_at"] = None  # while a job waits, no worker runs it
    statement = (
        update(Job)
        .where(Job.id == job.id, Job.attempt == job.attempt, Job.state == job.state)
        .values(state=new, **values)
        .returning(Job)
    )
    moved = session.execute(statement, execution_options={"populate_existing": True}).scalar_one_or_none()
    if moved is None:
        raise LeaseLostError(f"job {job.id} changed while it was moved to {new}")
    return moved


def held(session: Session, job_id: UUID, attempt: int, worker: str | None = None) -> Job:
    """Return the job's row, locked, or raise `LeaseLostError` if this attempt no longer holds it.

    Lock the audit first.

    Args:
        worker: the worker that must hold it. None: any worker.
    """
    values = {"of_job": job_id, "of_attempt": attempt, "of_worker": worker}
    job = session.execute(_held(), values, execution_options={"populate_existing": True}).scalar_one_or_none()
    if job is None:
        raise LeaseLostError(f"attempt {attempt} no longer holds job {job_id}")
    return job


@lru_cache
def _held() -> Select[Job]:
    return select(Job).where(is_held()).with_for_update(key_share=True)


def is_held() -> ColumnElement[bool]:
    """Return SQL for the job `of_job` while the attempt `of_attempt` of `of_worker` holds it.

    Two workers may have the same attempt, after a crash of the database that undid a claim.
    Without a worker, any may hold it.
    """
    this = (Job.id == bindparam("of_job", type_=Uuid), Job.attempt == bindparam("of_attempt", type_=Integer))
    worker = func.coalesce(bindparam("of_worker", type_=String), Job.worker)
    return and_(*this, Job.state == JobState.RUNNING, Job.worker.is_not_distinct_from(worker))


def finish(
    session: Session,
    job_id: UUID,
    attempt: int,
    state: JobState,
    *,
    result: dict[str, Any] | None = None,
    problem: dict[str, Any] | None = None,
    peak_memory_bytes: int | None = None,
) -> list[UUID]:
    """End an attempt and return the jobs to publish after the commit.

    `QUEUED` returns the job for another attempt. `FAILED` is final. The write is fenced.
    """
    audit = lock_owner(session, job_id)
    job = held(session, job_id, attempt)
    return end_held(session, audit, job, state, result=result, problem=problem, peak_memory_bytes=peak_memory_bytes)


def end_held(session: Session, audit: Audit | None, job: Job, state: JobState, **values: Any) -> list[UUID]:
    """End a job like `finish`, where its audit is locked and the attempt is known to hold it."""
    problem = values.get("problem")
    if state is JobState.QUEUED:
        values |= {"lease_until": None, "published_at": None, "worker": None}
    job = move(session, job, state, **values)
    seconds = (job.finished_at - job.started_at).total_seconds() if job.finished_at and job.started_at else None
    more = {"worker": job.worker, "seconds": seconds, "problem": problem}
    job_event(session, job, **{name: value for name, value in more.items() if value is not None})
    again = [job.id] if state is JobState.QUEUED else []
    if audit is not None:
        return again + settle(session, audit)
    if state is JobState.FAILED:
        refuse_subject(session, job)
    return again


def settle(session: Session, audit: Audit) -> list[UUID]:
    """Queue ready jobs, cancel jobs that can never run, and derive the audit's state.

    The audit must be locked. Returns the jobs that were queued, to be published after the commit.
    An audit may have thousands of jobs, so only those that change are loaded.
    """
    states = states_by_stage(session, audit.id)
    ready: list[UUID] = []
    if audit.cancel_requested_at is not None or any(JobState.FAILED in found for found in states.values()):
        for job in locked_jobs(session, audit.id):
            job_event(session, move(session, job, JobState.CANCELLED))
        states = states_by_stage(session, audit.id)
    else:
        stages = [stage for stage, found in states.items() if JobState.WAITING in found and is_ready(stage, states)]
        for job in jobs_in(session, audit.id, JobState.WAITING, stages=stages) if stages else []:
            job_event(session, move(session, job, JobState.QUEUED))
            ready.append(job.id)
    derive(session, audit, None if ready else states)
    return ready


def locked_jobs(session: Session, audit_id: UUID) -> list[Job]:
    """Return the jobs of an audit that nobody has claimed, locked so that nobody can.

    A job that a claim has in hand is waited for, and is not among them if the claim succeeds.
    """
    unclaimed = Job.state.in_((JobState.WAITING, JobState.QUEUED))
    statement = select(Job).where(Job.audit_id == audit_id, unclaimed).order_by(Job.id).with_for_update(key_share=True)
    return list(session.execute(statement, execution_options={"populate_existing": True}).scalars())


def states_by_stage(session: Session, audit_id: UUID) -> dict[Stage, set[JobState]]:
    """Return the states in which there are jobs of each stage."""
    found: dict[Stage, set[JobState]] = defaultdict(set)
    session.flush()
    for stage, state in session.execute(_states(), {"of_audit": audit_id}):
        found[Stage(stage)].add(JobState(state))
    return found


@lru_cache
def _states() -> Select[str, str]:
    jobs = Job.__table__.c
    return select(jobs.stage, jobs.state).where(jobs.audit_id == bindparam("of_audit", type_=Uuid)).distinct()


def jobs_in(session: Session, audit_id: UUID, *states: JobState, stages: Collection[Stage] = tuple(Stage)) -> list[Job]:
    """Return the jobs of an audit in these states, read afresh, in their order."""
    statement = select(Job).where(Job.audit_id == audit_id, Job.state.in_(states), Job.stage.in_(stages))
    found = session.execute(statement.order_by(Job.id), execution_options={"populate_existing": True})
    return list(found.scalars())


def is_ready(stage: Stage, states: Mapping[Stage, Collection[JobState]]) -> bool:
    """Tell whether every job of every earlier stage has succeeded."""
    return all(set(states.get(needed, ())) <= {JobState.SUCCEEDED} for needed in BEFORE[stage])


def derive(session: Session, audit: Audit, known: Mapping[Stage, Collection[JobState]] | None = None) -> None:
    """Write the state derived from the jobs, with its event, if the audit has another.

    Args:
        known: the states of the jobs, if they were read just now.
    """
    states = states_by_stage(session, audit.id) if known is None else known
    new = derived_state(audit, set().union(*states.values()))
    if new == audit.state:
        return
    check_audit_move(AuditState(audit.state), new)
    audit.state = new
    if new is not AuditState.CANCELLING and audit.started_at is None:
        audit.started_at = func.clock_timestamp()
    payload: dict[str, Any] = {"state": new.value}
    if new is AuditState.FAILED:
        audit.problem = jobs_in(session, audit.id, JobState.FAILED)[0].problem
        payload["problem"] = audit.problem
    elif new in FINISHED_AUDIT:
        audit.problem = None  # a job may have waited for a worker
    if new in FINISHED_AUDIT:
        audit.finished_at = func.clock_timestamp()
    session.flush()
    record(session, audit.id, "audit", payload)


def derived_state(audit: Audit, states: Collection[JobState]) -> AuditState:
    """Derive the state of an audit from its jobs and a request to cancel it."""
    open_states = [state for state in states if state not in FINISHED_JOB]
    if not open_states:
        if JobState.FAILED in states:
            return AuditState.FAILED
        return AuditState.CANCELLED if JobState.CANCELLED in states else AuditState.SUCCEEDED
    if audit.cancel_requested_at is not None:
        return AuditState.CANCELLING
    started = any(state not in {JobState.WAITING, JobState.QUEUED} for state in states)
    return AuditState.RUNNING if started or audit.state == AuditState.RUNNING else AuditState.QUEUED
