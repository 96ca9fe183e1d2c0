"""The jobs that may open the private set of their audit, and when."""

from functools import lru_cache
from uuid import UUID

from sqlalchemy import Select, Uuid, bindparam, exists, select
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
    return bool(session.execute(_has_references_job(), {"of_audit": audit_id}).scalar_one())


@lru_cache
def _has_references_job() -> Select[bool]:
    jobs = Job.__table__.c
    same = (jobs.audit_id == bindparam("of_audit", type_=Uuid), jobs.stage == Stage.REFERENCES)
    return select(exists().where(*same))


def opens_private_set(session: Session, job_id: UUID) -> bool:
    """Tell whether this job may open a private set, if there is one."""
    row = session.execute(_may_open(), {"of_job": job_id}).one_or_none()
    return row is not None and Stage(row.stage) in opening_stages(session, row.audit_id)


@lru_cache
def _may_open() -> Select[str, UUID]:
    jobs, audits = Job.__table__.c, Audit.__table__.c
    stages = jobs.stage.in_(OPENS_PRIVATE_SET | {Stage.PREPARE})
    found = select(jobs.stage, jobs.audit_id).join(Audit.__table__, audits.id == jobs.audit_id)
    return found.where(jobs.id == bindparam("of_job", type_=Uuid), stages, audits.private_dataset_id.is_not(None))
