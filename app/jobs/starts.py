"""The start of an attempt, which its audit hears of after the claim.

A claim does not lock the audit, so workers that take its shards do not wait until the end of
another shard is written. If a worker dies before the audit has heard, its attempt has no `running`
event.

The commit of a claim does not wait for the disk, and this one does. A server that crashes in
between has forgotten the claim, and may have given the same attempt to another worker. A job
therefore runs only after the attempt was found to be this worker's.
"""

from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, Select, Uuid, bindparam, exists, func, select, update
from sqlalchemy.orm import Session, aliased

from app.db.models import Job, JobEvent
from app.db.states import AuditState, JobState
from app.jobs import admission
from app.jobs.events import AUDIT, append, event_values, locked_audit, next_number
from app.jobs.fairness import is_running
from app.jobs.leases import Claim, claim_of, lease_end
from app.jobs.transitions import LeaseLostError, derive, is_held, job_payload, lock_audit

EVENT = JobEvent.__table__
JOB = Job.__table__


def record_start(session: Session, claim: Claim, worker: str) -> None:
    """Append the event that an attempt runs, and derive the state of its audit.

    May be repeated: the event is written once. Raises `LeaseLostError` if this attempt of this
    worker does not hold the job.
    """
    if claim.audit_id is None:
        return
    shard = {"shard": claim.shard, "shards": claim.shards}
    payload = job_payload(claim.job_id, claim.stage, claim.attempt, **shard, state=JobState.RUNNING)
    payload |= {"worker": worker}
    values = {"of_audit": claim.audit_id, "of_attempt": claim.attempt, "of_worker": worker} | event_values(
        "job", payload
    )
    found = session.execute(_recording(), values).one_or_none()
    if found is None:
        raise LeaseLostError(f"attempt {claim.attempt} no longer holds job {claim.job_id}")
    if found.state == AuditState.RUNNING and not found.has_problem:
        return
    audit = lock_audit(session, claim.audit_id)
    if audit.problem is not None and not admission.is_stranded(session, audit.id):
        audit.problem = None
    derive(session, audit)


def claimed_unheard(session: Session, job_id: UUID, worker: str, lease_seconds: float) -> Claim | None:
    """Return the claim that a worker made of this job if it did not hear of it.

    The connection may break after the commit. The claim is of a job of the same audit and stage
    that the worker holds and has not begun, as it runs one job of an audit at a time. Extends the
    lease. Returns None for a job without an audit: a worker may check several files at a time.
    """
    asked = aliased(Job)
    unbegun = (is_running(), JOB.c.worker == worker, JOB.c.lease_until > func.clock_timestamp())
    newest = (
        select(JOB.c.id)
        .join(asked, (asked.audit_id == JOB.c.audit_id) & (asked.stage == JOB.c.stage))
        .where(asked.id == job_id, *unbegun, ~_is_told(JOB.c.id, JOB.c.attempt))
        .order_by(JOB.c.started_at.desc())
    )
    found = (
        update(JOB)  # type: ignore[arg-type]
        .where(JOB.c.id == newest.limit(1).scalar_subquery(), *unbegun)
        .values(lease_until=lease_end(lease_seconds))
        .returning(*(column for column in JOB.c if column.name != "curve"))
    )
    job = session.execute(found).one_or_none()
    return None if job is None else claim_of(job)


def _is_told(job: ColumnElement[UUID], attempt: ColumnElement[int]) -> ColumnElement[bool]:
    """Return SQL for an attempt whose start is among the events of its audit."""
    same = EVENT.c.payload["attempt"].as_integer() == attempt
    running = EVENT.c.payload["state"].as_string() == JobState.RUNNING.value
    return exists().where(EVENT.c.job_id == job, EVENT.c.kind == "job", same, running)


@lru_cache
def _recording() -> Select[Any]:
    """Return the statement that records a start. It holds the audit's row for its own length.

    Like a heartbeat with an event, it locks the audit before the job.
    """
    has_problem = func.coalesce(func.jsonb_typeof(AUDIT.c.problem) == "object", False).label("has_problem")
    owner = locked_audit(AUDIT.c.state, has_problem)
    held = (
        select(owner.c.id, owner.c.state, owner.c.has_problem)
        .join(JOB, JOB.c.audit_id == owner.c.id)
        .where(is_held())
        .with_for_update(key_share=True, of=JOB)
        .cte("held")
    )
    told = _is_told(bindparam("of_job", type_=Uuid), bindparam("of_attempt", type_=Integer))
    counted = next_number(held.c.id).where(~told)
    numbered = counted.returning(AUDIT.c.id, AUDIT.c.event_seq, AUDIT.c.project_id).cte("numbered")
    return select(held.c.state, held.c.has_problem).add_cte(append(numbered).cte("written"))
