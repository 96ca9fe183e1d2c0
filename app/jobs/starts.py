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

from sqlalchemy import Integer, Select, Uuid, bindparam, exists, func, select
from sqlalchemy.orm import Session

from app.db.models import Job, JobEvent
from app.db.states import AuditState, JobState
from app.jobs import admission
from app.jobs.events import AUDIT, append, event_values, locked_audit, next_number
from app.jobs.leases import Claim
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
    attempt = EVENT.c.payload["attempt"].as_integer() == bindparam("of_attempt", type_=Integer)
    running = EVENT.c.payload["state"].as_string() == JobState.RUNNING.value
    told = exists().where(EVENT.c.job_id == bindparam("of_job", type_=Uuid), EVENT.c.kind == "job", attempt, running)
    counted = next_number(held.c.id).where(~told)
    numbered = counted.returning(AUDIT.c.id, AUDIT.c.event_seq, AUDIT.c.project_id).cte("numbered")
    return select(held.c.state, held.c.has_problem).add_cte(append(numbered).cte("written"))
