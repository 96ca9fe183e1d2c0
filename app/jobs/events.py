"""Appends events to an audit in the transaction of the change.

Kinds and payloads (read by the dashboard and the command line):

  audit       {state, problem?}
  job         {job_id, stage, shard, shards, state, attempt, worker?, seconds?, problem?}
  progress    {job_id, stage, shard, done, total, metrics: {name: number}, curve?: CurvePoint}
  references  {fit, stopped, notes}   measured on the private set before the attack
  samples     {job_id, stage, shard, prior, kind, step, steps, kid}   of a prior in training
  frozen      {digest, reconstructions}
  result      {verdict, risk, risk_low, risk_high, sentence}

`curve` is the newest point of a search, every five seconds at most (`app/contract/curve.py`).
`fit`, `stopped` and `notes` are those of the result document. `kid` is the kernel distance,
`kind` the kind of the prior.
"""

from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import CTE, ColumnElement, String, Update, Uuid, bindparam, insert, select, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.orm.util import identity_key
from sqlalchemy.sql.dml import ReturningInsert

from app.db.models import Audit, JobEvent

AUDIT = Audit.__table__
EVENT = JobEvent.__table__


def next_number(audit: ColumnElement[UUID]) -> Update:
    """Count an event of this audit. The lock of the audit's row prevents gaps."""
    return update(AUDIT).where(AUDIT.c.id == audit).values(event_seq=AUDIT.c.event_seq + 1)  # type: ignore[arg-type]


def locked_audit(*columns: ColumnElement[Any]) -> CTE:
    """Select the id and these columns of the audit `of_audit`, and lock its row."""
    locked = select(AUDIT.c.id, *columns).where(AUDIT.c.id == bindparam("of_audit", type_=Uuid))
    return locked.with_for_update(key_share=True).cte("owner")


def append(numbered: CTE) -> ReturningInsert[int]:
    """Insert the event that `numbered` has counted, and return its number.

    `numbered` returns the audit's `id`, `event_seq` and `project_id`. Parameters are `of_job`,
    `event_kind` and `event_payload`.
    """
    values = {
        "audit_id": numbered.c.id,
        "seq": numbered.c.event_seq,
        "project_id": numbered.c.project_id,
        "job_id": bindparam("of_job", type_=Uuid),
        "kind": bindparam("event_kind", type_=String),
        "payload": bindparam("event_payload", type_=JSONB),
    }
    return insert(EVENT).from_select(list(values), select(*values.values())).returning(EVENT.c.seq)  # type: ignore[arg-type]


@lru_cache
def _recording() -> ReturningInsert[int]:
    """Return the statement that records an event. It is made once for a process."""
    counted = next_number(bindparam("of_audit", type_=Uuid))
    return append(counted.returning(AUDIT.c.id, AUDIT.c.event_seq, AUDIT.c.project_id).cte("numbered"))


def event_values(kind: str, payload: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters of `append`."""
    job_id = payload.get("job_id")
    return {"of_job": None if job_id is None else UUID(job_id), "event_kind": kind, "event_payload": payload}


def record(session: Session, audit_id: UUID, kind: str, payload: dict[str, Any]) -> int:
    """Append one event and return its number."""
    session.flush()  # the event may name a job that was added just now
    number = session.execute(_recording(), {"of_audit": audit_id} | event_values(kind, payload)).scalar_one()
    held = session.identity_map.get(identity_key(Audit, audit_id))
    if held is not None:
        set_committed_value(held, "event_seq", number)
    return number


async def record_async(session: AsyncSession, audit_id: UUID, kind: str, payload: dict[str, Any]) -> int:
    """Append like `record`, for the API process."""
    return await session.run_sync(record, audit_id, kind, payload)
