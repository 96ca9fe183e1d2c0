"""Appends events to an audit in the transaction of the change.

Kinds and payloads (read by the dashboard and the command line):

  audit       {state, problem?}
  job         {job_id, stage, shard, shards, state, attempt, worker?, seconds?, problem?}
  progress    {job_id, stage, shard, done, total, metrics: {name: number}, curve?: CurvePoint}
  references  {fit, stopped, notes}   measured on the private set before the attack
  samples     {job_id, stage, shard, prior, step, steps, kid}   of a prior in training
  frozen      {digest, reconstructions}
  result      {verdict, risk, risk_low, risk_high, sentence}

`curve` is the newest point of a search, every five seconds at most (`app/contract/curve.py`).
`fit`, `stopped` and `notes` are those of the result document. `kid` is the kernel distance.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import Insert, Update, insert, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from app.db.models import Audit, JobEvent


def _next_seq(audit_id: UUID) -> Update:
    return update(Audit).where(Audit.id == audit_id).values(event_seq=Audit.event_seq + 1)


def _insert(audit_id: UUID, project_id: UUID, seq: int, kind: str, payload: dict[str, Any]) -> Insert:
    job_id = payload.get("job_id")
    return insert(JobEvent).values(
        audit_id=audit_id, seq=seq, project_id=project_id, job_id=job_id, kind=kind, payload=payload
    )


def record(session: Session, audit_id: UUID, kind: str, payload: dict[str, Any]) -> int:
    """Append one event and return its number. The lock of the audit's row prevents gaps."""
    row = session.execute(_next_seq(audit_id).returning(Audit.event_seq, Audit.project_id)).one()
    session.execute(_insert(audit_id, row.project_id, row.event_seq, kind, payload))
    return int(row.event_seq)


async def record_async(session: AsyncSession, audit_id: UUID, kind: str, payload: dict[str, Any]) -> int:
    """Append like `record`, for the API process."""
    row = (await session.execute(_next_seq(audit_id).returning(Audit.event_seq, Audit.project_id))).one()
    await session.execute(_insert(audit_id, row.project_id, row.event_seq, kind, payload))
    return int(row.event_seq)
