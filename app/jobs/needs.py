"""The memory of a device in which a job fits, measured by its first shard and kept.

It belongs to the release and the attack, so later audits with the same plan know it at once.

A GPU needs more than a processor, as libraries take memory there too. While a worker with a GPU
runs, what was measured on a processor is therefore neither recorded nor known.
"""

from sqlalchemy import func, select, true, update
from sqlalchemy.orm import Session

from app.db.models import Audit, Job
from app.jobs.admission import stage_devices
from app.jobs.budget import PROCESSOR
from app.jobs.leases import Claim
from app.jobs.stages import SEARCHES

RECENT = 5
"""Earlier audits that are looked at."""


def known_needs(session: Session, audit: Audit) -> dict[int, int]:
    """Return the bytes that each attack of an audit needs, as earlier audits measured them.

    Those are the last `RECENT` audits of the same release with the same attacks.
    """
    if "attacks" not in audit.plan:
        return {}  # a plan of an older version
    number = Job.payload["attack"].as_integer()
    alike = Audit.plan["attacks"] == audit.plan["attacks"]
    recent = select(Audit.id).where(Audit.release_id == audit.release_id, alike, Audit.id != audit.id)
    on_gpu = Job.device != PROCESSOR if has_gpu(session) else true()
    statement = (
        select(number, func.max(Job.needs_bytes))
        .where(
            Job.audit_id.in_(recent.order_by(Audit.created_at.desc()).limit(RECENT)),
            Job.stage.in_(SEARCHES),
            Job.needs_bytes.is_not(None),
            on_gpu,
        )
        .group_by(number)
    )
    return {attack: needed for attack, needed in session.execute(statement) if attack is not None and needed}


def note_needs(session: Session, claim: Claim, needed: int) -> None:
    """Record the bytes that the shards of an attack need, where they are not known."""
    device = session.execute(select(Job.device).where(Job.id == claim.job_id)).scalar_one_or_none()
    if device == PROCESSOR and has_gpu(session):
        return
    session.execute(
        update(Job)
        .where(
            Job.audit_id == claim.audit_id,
            Job.stage.in_(SEARCHES),
            Job.payload["attack"].as_integer() == claim.payload.get("attack", 0),
            Job.needs_bytes.is_(None),
        )
        .values(needs_bytes=needed)
    )


def has_gpu(session: Session) -> bool:
    """Tell whether a worker that runs stages of audits has a GPU."""
    return any(kind not in {None, PROCESSOR} for kind in stage_devices(session))
