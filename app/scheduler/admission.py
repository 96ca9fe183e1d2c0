"""Says at once that no registered worker may run a job, in the job, its audit and an event."""

from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db.models import Job
from app.db.session import sync_session
from app.db.states import JobState
from app.jobs import admission
from app.jobs.transitions import job_event, lock_owner
from app.problem_types import problem_body

log = structlog.get_logger(__name__)


def tick() -> int:
    """Run one round. Returns the number of jobs that say so now."""
    with sync_session() as session:
        jobs = list(session.execute(admission.stranded()).scalars())
    for job_id in jobs:
        with sync_session() as session:
            tell(session, job_id)
    return len(jobs)


def tell(session: Session, job_id: UUID) -> None:
    """Record with a job and its audit why it waits, if it still does. A claim removes it."""
    audit = lock_owner(session, job_id)
    waiting = select(Job).where(Job.id.in_(admission.stranded().where(Job.id == job_id)), Job.state == JobState.QUEUED)
    job = session.execute(waiting.with_for_update(key_share=True)).scalar_one_or_none()
    if job is None:
        return
    job.problem = problem_body("no_worker_fits", admission.why_stranded(session, job))
    log.warning("jobs.no_worker_fits", job_id=str(job.id), stage=job.stage, needs_bytes=job.needs_bytes)
    if audit is not None:
        audit.problem = job.problem
        session.flush()
        job_event(session, job, problem=job.problem)
