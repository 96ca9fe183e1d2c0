"""Queues the checks of uploaded files, and rejects a file when its job fails."""

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.db import moves
from app.db.models import Dataset, Job, Release, Upload, Verifier
from app.db.moves import Owner
from app.db.states import INTAKE_MOVES, IntakeState, JobState, UploadState
from app.errors import ConflictError
from app.jobs.stages import Stage
from app.settings import settings
from app.storage.store import Received

STAGES: dict[type[Owner], Stage] = {
    Release: Stage.INTAKE_RELEASE,
    Dataset: Stage.INTAKE_DATASET,
    Verifier: Stage.INTAKE_VERIFIER,
}
OWNERS = {stage: table for table, stage in STAGES.items()}


def check_open(owner: Owner) -> None:
    """Raise `ConflictError` unless the owner is waiting for a file."""
    if IntakeState.CHECKING not in INTAKE_MOVES[IntakeState(owner.state)]:
        name = type(owner).__name__.lower()
        raise ConflictError("not_awaiting_upload", f"This {name} is {owner.state}. Create a new one for a new file.")


def begin(session: Session, owner: Owner, key: str, received: Received) -> UUID:
    """Start the checks of the file under `key`. The row must be locked.

    Returns the job to publish after the commit.
    """
    check_open(owner)
    moves.begin_checks(owner, key=key, sha256=received.sha256, size_bytes=received.size)
    return add_job(session, owner.project_id, STAGES[type(owner)], owner.id)


def add_job(session: Session, project_id: UUID, stage: Stage, subject_id: UUID) -> UUID:
    """Queue a job that belongs to no audit and return its id."""
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


def refuse_subject(session: Session, job: Job) -> None:
    """Reject the subject of an intake or fetch that failed for good. Nobody waits for it then."""
    if job.stage == Stage.FETCH:
        upload = session.get(Upload, job.subject_id, with_for_update=True)
        if upload is not None and upload.state == UploadState.RECEIVING:
            moves.end_upload(upload, UploadState.REFUSED, problem=job.problem)
        return
    owner: Any = session.get(OWNERS[Stage(job.stage)], job.subject_id, with_for_update=True)
    if owner is not None and owner.state == IntakeState.CHECKING:
        moves.refuse(owner, job.problem)
