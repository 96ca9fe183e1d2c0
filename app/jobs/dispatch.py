"""Adds jobs in the caller's transaction and publishes them after its commit."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import anyio
import structlog
from sqlalchemy import func, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from app.contract.plan import Plan
from app.db.models import Audit, Job
from app.db.session import sync_session
from app.db.states import FINISHED_AUDIT, AuditState, JobState
from app.jobs import broker
from app.jobs.budget import check_jobs
from app.jobs.fairness import due, free
from app.jobs.needs import known_needs
from app.jobs.shards import attack_shards, needed_device, shard_sizes
from app.jobs.stages import AUDIT_STAGES, SEARCHES, WAITS_FOR, Stage
from app.jobs.transitions import job_event, lock_audit, settle
from app.settings import settings

log = structlog.get_logger(__name__)


async def add_audit_jobs(session: AsyncSession, audit: Audit) -> list[UUID]:
    """Add all jobs of an audit in one transaction and return their ids.

    Jobs without dependencies are queued.
    """
    return await session.run_sync(_add_audit_jobs, audit)


def _add_audit_jobs(session: Session, audit: Audit) -> list[UUID]:
    session.flush()
    estimates: dict[str, float] = audit.estimate.get("stages", {})
    needs = known_needs(session, audit)
    jobs, plan = [], Plan.load(audit.plan)
    sizes = shard_sizes(session, audit, plan)
    for stage in AUDIT_STAGES:
        shards = payloads(plan, stage, sizes)
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
                    needs_bytes=needs.get(payload["attack"]) if stage in SEARCHES else None,
                    needs_device=needed_device(plan.attacks[payload["attack"]]) if stage in SEARCHES else None,
                )
            )
    check_jobs(session, audit.project_id, len(jobs))
    session.add_all(jobs)
    session.flush()
    for job in jobs:
        job_event(session, job)
    return [job.id for job in jobs]


def payloads(plan: Plan, stage: Stage, sizes: list[int] | None = None) -> list[dict[str, Any]]:
    """Return the payload of every job of a stage. Empty if the plan has no such stage.

    Args:
        sizes: see `attack_shards`.
    """
    first = plan.identities if plan.look is None else plan.look.identities
    if stage is Stage.ATTACK:
        return attack_shards(plan, first, sizes)
    if stage is Stage.ATTACK_REST:
        return attack_shards(plan, sorted(set(plan.identities) - set(first)), sizes)
    return [] if stage is Stage.LOOK and plan.look is None else [{}]


async def publish(job_ids: Iterable[UUID]) -> int:
    """Publish jobs after the commit.

    If the broker or the database does not answer, the reaper publishes them later.
    """
    ids = list(job_ids)
    try:
        return await anyio.to_thread.run_sync(publish_now, ids)
    except DBAPIError as error:  # what the request did is committed
        log.warning("jobs.publish_failed", left=len(ids), error=repr(error))
        return 0


def publish_now(job_ids: Iterable[UUID]) -> int:
    """Send a message for each of these jobs that is queued and due, and store the time.

    Returns the number of messages sent.
    """
    ids = list(job_ids)
    if not ids:
        return 0
    with sync_session() as session:
        statement = select(Job.id, Job.attempt, Job.stage).where(Job.id.in_(ids), due())
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
            still = free(select(Job.id).where(Job.id.in_(sent), Job.state == JobState.QUEUED))
            session.execute(update(Job).where(Job.id.in_(still)).values(published_at=func.clock_timestamp()))
    return len(sent)


def broker_errors() -> tuple[type[Exception], ...]:
    """Return the errors of an unreachable broker.

    Imported late so that the API starts without Celery.
    """
    from kombu.exceptions import OperationalError
    from redis.exceptions import RedisError

    return (OSError, OperationalError, RedisError, broker.NoBrokerError)


async def request_cancel(session: AsyncSession, audit: Audit) -> None:
    """Request the cancellation of an audit.

    Jobs that have not begun are cancelled now. Running jobs stop at their next checkpoint.
    """
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
    # The asynchronous caller cannot load what the server computed.
    session.refresh(audit)
