"""From a message to a job that runs, in a separate process if it opens a private set.

It ends with the job, so no attacking process has private images of an earlier job in memory.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from functools import lru_cache
from types import FrameType
from uuid import UUID

import structlog
from sqlalchemy import Select, Uuid, bindparam, select
from sqlalchemy.orm import Session

from app.db.models import Job
from app.embedded.death import die_with_parent
from app.jobs import admission, fairness
from app.jobs.dispatch import publish_now
from app.jobs.opening import opens_private_set
from app.jobs.stages import Stage
from worker.job.retry import transaction
from worker.lifecycle import on_logging
from worker.node import node_name

log = structlog.get_logger(__name__)

PATIENCE = 5.0  # seconds for a job to give itself back when the worker stops
NOT_CLAIMED = 3  # exit status
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


def run_alone(job_id: UUID) -> bool:
    """Start a process for this job and wait for its end. If this process stops, stop it too."""
    command = [sys.executable, "-P", "-m", "worker.runtime.alone", str(job_id), str(os.getpid())]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    try:
        status = process.wait()
    except BaseException:
        stop(process)
        raise
    if status not in {0, NOT_CLAIMED}:  # the job's lease expires, and the reaper returns it to the queue
        log.error("job.process_ended", job_id=str(job_id), status=status)
    return status != NOT_CLAIMED


def stop(process: "subprocess.Popen[bytes]") -> None:
    """Ask the process to give its job back and end. Kill it if it does not."""
    process.terminate()
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def main(job_id: str, parent: str) -> None:
    """Run one job in this process."""
    die_with_parent(parent=int(parent))
    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C stops the worker, which then stops this process
    on_logging()
    from worker.runtime.run import run_claimed

    if not run_claimed(UUID(job_id)):
        sys.exit(NOT_CLAIMED)


def leave(signal_number: int, frame: FrameType | None) -> None:
    """Handle SIGTERM: the job is given back during the exit."""
    sys.exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
