"""The reaper: requeues or fails jobs whose worker vanished, and resends lost messages."""

from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy import func, literal, or_, select
from sqlalchemy.orm import Session

from app.db.models import Job
from app.db.session import sync_session
from app.db.states import JobState
from app.jobs import broker, fairness
from app.jobs.dispatch import broker_errors, publish_now
from app.jobs.intake import refuse_subject
from app.jobs.transitions import job_event, lock_audit, move, settle
from app.problem_types import problem_body
from app.settings import settings

log = structlog.get_logger(__name__)


def tick() -> int:
    """Run one round. Returns the number of jobs moved and messages sent."""
    moved = 0
    with sync_session() as session:
        expired = expired_jobs(session)
    for job_id in expired:
        with sync_session() as session:
            moved += reap(session, job_id)
    waiting = waiting_messages()
    with sync_session() as session:
        unsent = unsent_jobs(session, waiting)
    return moved + (publish_now(unsent) if unsent else 0)


def expired_jobs(session: Session) -> list[UUID]:
    """Return running jobs whose lease has expired, whether or not their worker is still listed."""
    statement = select(Job.id).where(Job.state == JobState.RUNNING, Job.lease_until < func.clock_timestamp())
    return list(session.execute(statement.order_by(Job.id)).scalars())


def reap(session: Session, job_id: UUID) -> bool:
    """Requeue a job, fail it at its attempt limit, or cancel it.

    Returns False if it is held again.
    """
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
            "Check the worker's log (lack of memory is the usual reason), then start the audit again."
        )
        job = move(session, job, JobState.FAILED, problem=problem_body("worker_lost", detail))
        job_event(session, job, problem=job.problem)
        if audit is None:
            refuse_subject(session, job)
    else:
        job_event(session, move(session, job, JobState.QUEUED, lease_until=None, published_at=None, worker=None))
    if audit is not None:
        settle(session, audit)
    return True


def waiting_messages() -> int | None:
    """Return the number of undelivered messages, or None when the broker does not answer."""
    try:
        return broker.waiting_messages()
    except broker_errors() as error:
        log.warning("jobs.broker_away", error=repr(error))
        return None


def unsent_jobs(session: Session, waiting: int | None) -> list[UUID]:
    """Return queued jobs that were never published, were held back, or whose message may be lost.

    A job that its project's limits or a pause hold back is left alone.

    Messages can wait for a long time behind a busy worker, so their age does not matter. While
    there are at least as many messages as published jobs, none is missing. The claim drops a
    redundant message.
    """
    published = (Job.state == JobState.QUEUED) & Job.published_at.is_not(None)
    jobs = session.execute(select(func.count()).where(published)).scalar_one()
    lost = waiting is not None and waiting < jobs
    # The dispatcher publishes right after its commit, and a worker claims right after it receives
    # a message.
    moment = func.clock_timestamp() - timedelta(seconds=max(1.0, settings().reaper_seconds))
    statement = select(Job.id).where(
        Job.state == JobState.QUEUED,
        or_(
            Job.published_at.is_(None)
            & (Job.created_at < func.clock_timestamp() - timedelta(seconds=1))
            & fairness.due()
            & fairness.has_room(),
            (Job.published_at < moment) & literal(lost),
        ),
    )
    return list(session.execute(statement.order_by(Job.id)).scalars())
