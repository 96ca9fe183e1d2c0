"""The reaper: requeues or fails jobs whose worker vanished, and resends lost messages."""

from collections.abc import Mapping
from uuid import UUID

import structlog
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.db.models import Job
from app.db.session import sync_session
from app.db.states import JobState
from app.jobs import admission, broker, fairness
from app.jobs.dispatch import broker_errors, publish_now
from app.jobs.intake import refuse_subject
from app.jobs.stages import AUDIT_STAGES
from app.jobs.transitions import job_event, lock_audit, move, settle
from app.problem_types import problem_body

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
    statement = select(Job.id).where(fairness.is_running(), Job.lease_until < func.clock_timestamp())
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


def waiting_messages() -> dict[str, int] | None:
    """Return the number of messages by queue, or None if the broker does not answer."""
    try:
        return broker.waiting_messages()
    except broker_errors() as error:
        log.warning("jobs.broker_away", error=repr(error))
        return None


def unsent_jobs(session: Session, waiting: Mapping[str, int] | None) -> list[UUID]:
    """Return queued jobs for which a message is missing: never sent, held back until now, or lost.

    A message stands for any job of its queue. It is missing if there are fewer messages than jobs
    that may run now. Their age does not matter, as messages can wait for a long time behind a busy
    worker. The claim drops a redundant message. None is sent for a job that fits busy workers
    only, as the end of their job sends one.
    """
    found: list[UUID] = []
    for queue, stages in ((broker.QUEUE, AUDIT_STAGES), (broker.CHECKS, fairness.CHECK_STAGES)):
        jobs = session.execute(admission.to_publish(stages)).all()
        missing = len(jobs) - (0 if waiting is None else waiting[queue])
        ready = [job.id for job in jobs if job.rested and (waiting is not None or job.published_at is None)]
        found += ready[: max(0, missing)]
    return found
