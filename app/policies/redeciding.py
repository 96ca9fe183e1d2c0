"""Decides again what a waiver covers, when it begins or ends."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.auth.audit_log import Actor
from app.db.models import Audit, Cause, Decision, Release, Target, Waiver
from app.policies.gathering import version_for
from app.policies.recording import current


def decide_again(session: Session, waiver: Waiver, by: Actor, *, now: datetime) -> int:
    """Decide the audits of the waiver's checkpoint that have a decision. Returns their number."""
    target = session.get_one(Target, waiver.target_id)
    if version_for(session, target) is None:
        return 0
    decided = (
        select(Audit.id)
        .join(Release, Release.id == Audit.release_id)
        .where(
            Release.target_id == waiver.target_id,
            Release.sha256 == waiver.digest.removeprefix("sha256:"),
            Audit.id.in_(select(Decision.audit_id).where(Decision.target_id == waiver.target_id)),
        )
        .order_by(Audit.created_at)
    )
    audits = list(session.execute(decided).scalars())
    for audit_id in audits:
        current(session, audit_id, by, now=now, cause=Cause.WAIVER)
    return len(audits)
