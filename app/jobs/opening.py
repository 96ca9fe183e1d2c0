"""The jobs that may open the private set of their audit, and when."""

from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from app.db.models import Audit, Job
from app.jobs.stages import OPENS_PRIVATE_SET, Stage

AFTER_THE_FREEZE = OPENS_PRIVATE_SET - {Stage.REFERENCES}


class ClosedError(RuntimeError):
    """A stage tried to open the private set without or before permission. Always a bug."""


def check_opening(session: Session, audit: Audit, stage: Stage) -> None:
    """Raise `ClosedError` unless this stage may open the private set of this audit now."""
    if stage not in opening_stages(session, audit.id):
        raise ClosedError(f"the stage {stage} may not open the private set")
    if stage in AFTER_THE_FREEZE and audit.frozen_at is None:
        raise ClosedError(f"the stage {stage} may open the private set only after the reconstructions are frozen")


def opening_stages(session: Session, audit_id: UUID) -> frozenset[Stage]:
    """Return the stages of this audit that may open its private set."""
    return OPENS_PRIVATE_SET if has_references_job(session, audit_id) else OPENS_PRIVATE_SET | {Stage.PREPARE}


def has_references_job(session: Session, audit_id: UUID) -> bool:
    """Tell whether the audit has a references job.

    Audits queued by older versions have none. Their `prepare` stage does its work.
    """
    same = (Job.audit_id == audit_id) & (Job.stage == Stage.REFERENCES)
    return bool(session.execute(select(exists().where(same))).scalar_one())


def opens_private_set(session: Session, job_id: UUID) -> bool:
    """Tell whether this job may open a private set, if there is one."""
    statement = select(Job.stage, Job.audit_id).join(Audit, Audit.id == Job.audit_id)
    may = (Job.stage.in_(OPENS_PRIVATE_SET | {Stage.PREPARE}), Audit.private_dataset_id.is_not(None))
    row = session.execute(statement.where(Job.id == job_id, *may)).one_or_none()
    return row is not None and Stage(row.stage) in opening_stages(session, row.audit_id)
