"""From a message to a job that runs, in a separate process if it opens a private set.

It ends with the job, so no attacking process has private images of an earlier job in memory.
"""

from collections.abc import Callable
from functools import lru_cache
from uuid import UUID

from sqlalchemy import Select, Uuid, bindparam, select
from sqlalchemy.orm import Session

from app.db.models import Job
from app.jobs import admission, fairness
from app.jobs.dispatch import publish_now
from app.jobs.opening import opens_private_set
from app.jobs.stages import Stage
from worker.job.retry import transaction
from worker.node import node_name
from worker.runtime.own_process import run_alone

MOST_CHOICES = 10  # another worker may be faster


def run_next(job_id: UUID, start: Callable[[UUID, bool], bool] | None = None, worker: str | None = None) -> None:
    """Run the next job of those that share a queue with this one and fit this worker.

    If none may run, pass the message on to another worker that can run one of them.

    Args:
        start: runs a job, in a process of its own or not, unless another worker has it. `run` by
            default.
        worker: the name of this worker, by default.
    """
    name = worker or node_name()

    def look(session: Session) -> tuple[UUID, bool] | None:
        chosen = next_beside(session, job_id, name)
        return None if chosen is None else (chosen, opens_private_set(session, chosen))

    for _ in range(MOST_CHOICES):
        found = transaction(look)
        if found is None:
            publish_now(transaction(lambda session: others_beside(session, job_id, name)))
            return
        if (start or run)(*found):
            return


def next_beside(session: Session, job_id: UUID, worker: str) -> UUID | None:
    """Return the job whose turn it is in the queue of this job, of those that fit the worker.

    If there is none, those that wait are held back.
    """
    stages = stages_beside(session, job_id)
    chosen = fairness.choose(session, stages, admission.fits(), {"of_worker": worker})
    if chosen is None:
        fairness.hold_back(session, stages)
    return chosen


def others_beside(session: Session, job_id: UUID, worker: str) -> list[UUID]:
    """Return a job in the queue of this job that another worker could run now."""
    return admission.for_others(session, stages_beside(session, job_id), worker)


def stages_beside(session: Session, job_id: UUID) -> tuple[Stage, ...]:
    """Return the stages that share a queue with this job. None if it was deleted."""
    stage = session.execute(_stage(), {"of_job": job_id}).scalar_one_or_none()
    return fairness.stages_beside(Stage(stage)) if stage is not None else ()


@lru_cache
def _stage() -> Select[str]:
    return select(Job.__table__.c.stage).where(Job.__table__.c.id == bindparam("of_job", type_=Uuid))


def run(job_id: UUID, alone: bool) -> bool:
    """Run a job, in a process of its own or not. False: it was not available."""
    if alone:
        return run_alone(job_id)
    from worker.runtime.run import run_claimed

    return run_claimed(job_id)
