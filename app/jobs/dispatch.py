"""Adding jobs in the caller's transaction, and publishing them after its commit."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import anyio
import structlog
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from app.db.models import Audit, Job
from app.db.session import sync_session
from app.db.states import FINISHED_AUDIT, AuditState, JobState
from app.jobs import broker
from app.jobs.stages import AUDIT_STAGES, WAITS_FOR, Stage
from app.jobs.transitions import job_event, lock_audit, settle
from app.settings import settings

log = structlog.get_logger(__name__)


async def add_audit_jobs(session: AsyncSession, audit: Audit) -> list[UUID]:
    """All jobs of an audit in one transaction; those that wait for nothing are queued. Returns every id."""
    return await session.run_sync(_add_audit_jobs, audit)


def _add_audit_jobs(session: Session, audit: Audit) -> list[UUID]:
    session.flush()
    estimates: dict[str, float] = audit.estimate.get("stages", {})
    jobs = []
    for stage in AUDIT_STAGES:
        shards = attack_shards(audit.plan) if stage is Stage.ATTACK else [{}]
        seconds = estimates.get(stage)
        for shard, payload in enumerate(shards):
            jobs.append(
                Job(
                    project_id=audit.project_id,
                    audit_id=audit.id,
                    stage=stage,
                    shard=shard,
                    shards=len(shards),
                    payload=payload,
                    state=JobState.WAITING if WAITS_FOR[stage] else JobState.QUEUED,
                    max_attempts=settings().job_max_attempts,
                    estimate_seconds=None if seconds is None else seconds / len(shards),
                )
            )
    session.add_all(jobs)
    session.flush()
    for job in jobs:
        job_event(session, job)
    return [job.id for job in jobs]


def attack_shards(plan: dict[str, Any]) -> list[dict[str, Any]]:
    """The identities of a plan, cut into shards that are cheap to redo."""
    identities: list[int] = plan["identities"]
    size: int = plan["shard_size"]
    return [{"identities": identities[start : start + size]} for start in range(0, len(identities), size)]


async def publish(job_ids: Iterable[UUID]) -> int:
    """After the commit: tell the workers. A broker that is away is logged only; the reaper publishes again."""
    ids = list(job_ids)
    return await anyio.to_thread.run_sync(publish_now, ids)


def publish_now(job_ids: Iterable[UUID]) -> int:
    """Send a message for each of these jobs that is queued, and note the time; returns how many were sent."""
    with sync_session() as session:
        ids = list(job_ids)
        statement = select(Job.id, Job.attempt, Job.stage).where(Job.id.in_(ids), Job.state == JobState.QUEUED)
        queued = session.execute(statement).all()
    sent: list[UUID] = []
    for job_id, attempt, stage in queued:
        try:
            broker.send(job_id, attempt, Stage(stage))
        except broker_errors() as error:
            log.warning("jobs.publish_failed", job_id=str(job_id), left=len(queued) - len(sent), error=repr(error))
            break
        sent.append(job_id)
    if sent:
        with sync_session() as session:
            session.execute(
                update(Job)
                .where(Job.id.in_(sent), Job.state == JobState.QUEUED)
                .values(published_at=func.clock_timestamp())
            )
    return len(sent)


def broker_errors() -> tuple[type[Exception], ...]:
    """What sending raises when the broker is away (imported late: the API starts without Celery)."""
    from kombu.exceptions import OperationalError
    from redis.exceptions import RedisError

    return (OSError, OperationalError, RedisError, broker.NoBrokerError)


async def request_cancel(session: AsyncSession, audit: Audit) -> None:
    """Ask for the end of an audit: what has not begun is cancelled now, what runs stops at its next checkpoint."""
    await session.run_sync(_request_cancel, audit.id)


def _request_cancel(session: Session, audit_id: UUID) -> None:
    audit = lock_audit(session, audit_id)
    if AuditState(audit.state) in FINISHED_AUDIT or audit.cancel_requested_at is not None:
        return
    audit.cancel_requested_at = func.clock_timestamp()
    session.flush()
    session.refresh(audit)
    settle(session, audit)
    session.flush()
    session.refresh(audit)  # the asynchronous caller can't load what the server computed
