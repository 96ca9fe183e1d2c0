"""A file that lies in quarantine becomes that of a release, dataset or verifier; the job that checks it is queued."""

from uuid import UUID

from sqlalchemy.orm import Session

from app.db.models import Dataset, Job, Release, Verifier
from app.db.states import INTAKE_MOVES, IntakeState, JobState
from app.errors import ConflictError
from app.jobs.stages import Stage
from app.settings import settings
from app.storage.store import Received

Taken = Release | Dataset | Verifier
STAGES: dict[type[Taken], Stage] = {
    Release: Stage.INTAKE_RELEASE,
    Dataset: Stage.INTAKE_DATASET,
    Verifier: Stage.INTAKE_VERIFIER,
}


def check_open(taken: Taken) -> None:
    """`ConflictError` unless a file is awaited."""
    if IntakeState.CHECKING not in INTAKE_MOVES[IntakeState(taken.state)]:
        name = type(taken).__name__.lower()
        raise ConflictError("not_awaiting_upload", f"This {name} is {taken.state}; make a new one for a new file.")


def begin(session: Session, taken: Taken, key: str, received: Received) -> UUID:
    """Take over the file under `key`; the row must be locked. Returns the job, to be published after the commit."""
    check_open(taken)
    taken.state, taken.problem = IntakeState.CHECKING, None
    if not isinstance(taken, Dataset):
        taken.examination = None
    taken.object_key, taken.sha256, taken.size_bytes = key, received.sha256, received.size
    return add_job(session, taken.project_id, STAGES[type(taken)], taken.id)


def add_job(session: Session, project_id: UUID, stage: Stage, subject_id: UUID) -> UUID:
    """Queue a job that belongs to no audit; its id."""
    job = Job(
        project_id=project_id,
        subject_id=subject_id,
        stage=stage,
        state=JobState.QUEUED,
        max_attempts=settings().job_max_attempts,
    )
    session.add(job)
    session.flush()
    return job.id
