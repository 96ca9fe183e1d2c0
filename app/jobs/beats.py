"""Heartbeats: one statement renews the lease, writes progress, and asks whether to end.

Each is a transaction of its own, so no lock outlasts it.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    Connection,
    Float,
    Integer,
    Select,
    Update,
    Uuid,
    bindparam,
    func,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB

from app.contract.curve import CurvePoint
from app.db.models import Job
from app.jobs.events import AUDIT, append, event_values, locked_audit, next_number
from app.jobs.fairness import is_running
from app.jobs.leases import Claim, lease_end
from app.jobs.transitions import LeaseLostError, is_held

JOB = Job.__table__
Curve = list[list[float | None]]


@dataclass(frozen=True)
class News:
    """Progress that the audit has not heard of. `newest` is the last point of a new `curve`."""

    figures: dict[str, float]
    curve: list[CurvePoint] | None = None
    newest: CurvePoint | None = None


def beat(
    connection: Connection, claim: Claim, *, lease_seconds: float, done: int, total: int, news: News | None
) -> bool:
    """Extend the lease, store the progress, and tell the audit its news.

    Returns whether the audit was cancelled. Raises `LeaseLostError` if this attempt no longer
    holds the job: then nothing is written.
    """
    curve = None if news is None else news.curve
    values = _claim_values(claim) | {"lease_seconds": lease_seconds, "new_done": done, "new_total": total}
    if curve is not None:
        values["new_curve"] = [list(point) for point in curve]
    if news is None or claim.audit_id is None:
        return _run(connection, claim, _renewal(with_curve=curve is not None), values)
    payload: dict[str, Any] = {
        "job_id": str(claim.job_id),
        "stage": claim.stage,
        "shard": claim.shard,
        "done": done,
        "total": total,
        "metrics": news.figures,
    }
    if news.newest is not None:
        payload["curve"] = news.newest._asdict()
    values |= {"of_audit": claim.audit_id} | event_values("progress", payload)
    return _run(connection, claim, _report(with_curve=curve is not None), values)


def check(connection: Connection, claim: Claim) -> bool:
    """Return whether the audit was cancelled. Raises `LeaseLostError` like `beat`."""
    return _run(connection, claim, _check(), _claim_values(claim))


def running_jobs(connection: Connection) -> int:
    """Return how many jobs run in this installation."""
    return connection.execute(_running()).scalar_one()


def _claim_values(claim: Claim) -> dict[str, Any]:
    return {"of_job": claim.job_id, "of_attempt": claim.attempt, "of_worker": claim.worker}


def _run(connection: Connection, claim: Claim, statement: Any, values: dict[str, Any]) -> bool:
    """Run a statement that returns whether the audit was cancelled, or no row."""
    row = connection.execute(statement, values).first()
    if row is None:
        raise LeaseLostError(f"attempt {claim.attempt} no longer holds job {claim.job_id}")
    return bool(row.cancelled)


def _of_job() -> BindParameter[UUID]:
    return bindparam("of_job", type_=Uuid)


def _extension(*, with_curve: bool) -> Update:
    values: dict[str, Any] = {
        "lease_until": lease_end(bindparam("lease_seconds", type_=Float)),
        "done": bindparam("new_done", type_=Integer),
        "total": bindparam("new_total", type_=Integer),
    }
    if with_curve:
        values["curve"] = bindparam("new_curve", type_=JSONB)
    return update(JOB).where(is_held()).values(values)  # type: ignore[arg-type]


@lru_cache
def _renewal(*, with_curve: bool) -> Any:
    """Return the statement of a heartbeat without an event. It locks the job alone."""
    wish = select(AUDIT.c.cancel_requested_at.is_not(None)).where(AUDIT.c.id == JOB.c.audit_id)
    return _extension(with_curve=with_curve).returning(func.coalesce(wish.scalar_subquery(), False).label("cancelled"))


@lru_cache
def _report(*, with_curve: bool) -> Select[bool]:
    """Return the statement of a heartbeat with an event.

    It locks the audit before the job, as everything does that locks both, and numbers the event
    only if the attempt still holds the job then.
    """
    owner = locked_audit()
    extended = (
        _extension(with_curve=with_curve).where(JOB.c.audit_id == owner.c.id).returning(owner.c.id.label("id"))
    ).cte("extended")
    counted = next_number(extended.c.id).returning(
        *(AUDIT.c.id, AUDIT.c.event_seq, AUDIT.c.project_id),
        AUDIT.c.cancel_requested_at.is_not(None).label("cancelled"),
    )
    numbered = counted.cte("numbered")
    return select(numbered.c.cancelled).add_cte(append(numbered).cte("written"))


@lru_cache
def _check() -> Select[bool]:
    wish = select(AUDIT.c.cancel_requested_at.is_not(None)).where(AUDIT.c.id == JOB.c.audit_id)
    return select(func.coalesce(wish.scalar_subquery(), False).label("cancelled")).where(is_held())


@lru_cache
def _running() -> Select[int]:
    return select(func.count()).select_from(JOB).where(is_running())
