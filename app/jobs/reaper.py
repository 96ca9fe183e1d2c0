"""The reaper: jobs whose worker vanished are queued again or failed, messages that got lost are sent again."""

from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.db.models import Job
from app.db.session import sync_session
from app.jobs import broker
from app.jobs.dispatch import broker_errors, publish_now
from app.jobs.states import JobState
from app.jobs.transitions import job_event, lock_audit, move, refuse_subject, settle
from app.settings import settings

log = structlog.get_logger(__name__)

LOST = {
    "type": "https://exhume.dev/problems/worker_lost",
    "title": "Worker lost",
    "status": 500,
    "code": "worker_lost",
    "errors": [],
}


def tick() -> int:
    """One round; returns how many jobs it moved and messages it sent."""
    moved = 0
    with sync_session() as session:
        expired = expired_jobs(session)
    for job_id in expired:
        with sync_session() as session:
            moved += reap(session, job_id)
    with sync_session() as session:
        unsent = unsent_jobs(session, queue_is_empty=queue_is_empty())
    return moved + (publish_now(unsent) if unsent else 0)


def expired_jobs(session: Session) -> list[UUID]:
    """Running jobs whose lease has run out. By lease only: whether the worker is still listed says nothing."""
    statement = select(Job.id).where(Job.state == JobState.RUNNING, Job.lease_until < func.clock_timestamp())
    return list(session.execute(statement.order_by(Job.id)).scalars())


def reap(session: Session, job_id: UUID) -> bool:
    """Give a job back to the queue, fail it at its attempt limit, or cancel it; False if it is held again."""
    audit_id = session.execute(select(Job.audit_id).where(Job.id == job_id)).scalar_one_or_none()
    audit = lock_audit(session, audit_id) if audit_id else None
    statement = select(Job).where(
        Job.id == job_id, Job.state == JobState.RUNNING, Job.lease_until < func.clock_timestamp()
    )
    job = session.execute(statement.with_for_update(key_share=True)).scalar_one_or_none()
    if job is None:
        return False
    log.warning("jobs.lease_expired", job_id=str(job.id), stage=job.stage, attempt=job.attempt, worker=job.worker)
    if audit is not None and audit.cancel_requested_at is not None:
        job_event(session, move(session, job, JobState.CANCELLED))
    elif job.attempt >= job.max_attempts:
        detail = (
            f"The worker stopped answering in {job.attempt} of {job.max_attempts} attempts at stage {job.stage}. "
            "Look at the worker's log (memory is the usual reason), then start the audit again."
        )
        job = move(session, job, JobState.FAILED, problem=LOST | {"detail": detail})
        job_event(session, job, problem=job.problem)
        if audit is None:
            refuse_subject(session, job)
    else:
        job_event(session, move(session, job, JobState.QUEUED, lease_until=None, published_at=None, worker=None))
    if audit is not None:
        settle(session, audit)
    return True


def queue_is_empty() -> bool:
    """True when the broker answers and holds no message: a job published a while ago has lost its message."""
    try:
        return broker.waiting_messages() == 0
    except broker_errors() as error:
        log.warning("jobs.broker_away", error=repr(error))
        return False


def unsent_jobs(session: Session, *, queue_is_empty: bool) -> list[UUID]:
    """Queued jobs that were never published, or whose message must be taken for lost.

    Behind a busy worker messages wait in the queue for long, so age alone says little: it counts at once when
    the queue is empty, and after a lease's time otherwise. A message too many is dropped by the claim.
    """
    age = settings().reaper_seconds if queue_is_empty else max(settings().lease_seconds, 10 * settings().reaper_seconds)
    statement = select(Job.id).where(
        Job.state == JobState.QUEUED,
        or_(
            Job.published_at < func.clock_timestamp() - timedelta(seconds=age),
            # the dispatcher publishes right after its commit: leave it a moment
            Job.published_at.is_(None) & (Job.created_at < func.clock_timestamp() - timedelta(seconds=1)),
        ),
    )
    return list(session.execute(statement.order_by(Job.id)).scalars())
