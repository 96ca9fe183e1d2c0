"""Work on decisions and waivers that is due: each piece is one transaction, made at most once."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from app.auth import audit_log
from app.auth.audit_log import Requester
from app.db.models import Audit, Decision, Notification, Policy, PolicyVersion, Release, Target, Waiver
from app.db.states import AuditState, IntakeState
from app.kit.ids import public_id
from app.policies.gathering import moment_of
from app.policies.recording import current
from app.policies.redeciding import decide_again

SCHEDULER = Requester("scheduler")
WARNINGS = (7, 1)
"""Days before the expiry of a waiver at which somebody is told."""
DECIDED = (AuditState.SUCCEEDED, AuditState.FAILED)
"""States that are decided unasked. A cancelled audit is decided when somebody asks."""


def due(session: Session, now: datetime, *, limit: int, without: frozenset[UUID] = frozenset()) -> list[UUID]:
    """Return audits to decide, in the order in which they ended.

    These are audits without a decision. Of each release, the newest audit is decided again when
    its decision is by another version of the policy, or has run out.
    """
    last, other = aliased(Decision), aliased(Audit)
    applies = _versions_of_targets().subquery()
    number = select(func.max(Decision.number)).where(Decision.audit_id == Audit.id).scalar_subquery()
    newer = exists().where(
        other.release_id == Audit.release_id,
        other.state.in_(DECIDED),
        other.replay_of.is_(None),
        moment_of(other) > moment_of(Audit),
    )
    old = (last.policy_version_id != applies.c.version_id) | (last.until <= now)
    statement = (
        select(Audit.id)
        .join(Release, Release.id == Audit.release_id)
        .join(applies, applies.c.target_id == Release.target_id)
        .outerjoin(last, (last.audit_id == Audit.id) & (last.number == number))
        .where(
            Audit.state.in_(DECIDED),
            Audit.replay_of.is_(None),
            Release.twin_of.is_(None),
            or_(last.id.is_(None), old & ~newer),
            Audit.id.not_in(without),
        )
        .order_by(moment_of(Audit), Audit.id)
        .limit(limit)
    )
    return list(session.execute(statement).scalars())


def decide_due(session: Session, audit_id: UUID, now: datetime) -> Decision:
    """Decide an audit unless its decision counts."""
    return current(session, audit_id, SCHEDULER, now=now)


def end_superseded(session: Session, now: datetime) -> int:
    """End one waiver until the next release whose target has one. Returns the number."""
    waived, newer = aliased(Release), aliased(Release)
    has_newer = (
        exists()
        .where(waived.id == Waiver.release_id, newer.target_id == Waiver.target_id)
        .where(newer.state == IntakeState.READY, newer.twin_of.is_(None), newer.created_at > waived.created_at)
    )
    statement = _open(now).where(Waiver.until_next_release, has_newer)
    waiver = session.execute(statement.limit(1).with_for_update(skip_locked=True)).scalar_one_or_none()
    if waiver is None:
        return 0
    waiver.ended_at = now
    session.flush()
    identifier = public_id("wai", waiver.id)
    details = {"release": public_id("rel", waiver.release_id), "reason": "newer release"}
    audit_log.write_now(session, SCHEDULER, "waiver.ended", identifier, project_id=waiver.project_id, details=details)
    if waiver.approved_at is not None:
        decide_again(session, waiver, SCHEDULER, now=now)
    return 1


def warn(session: Session, now: datetime) -> int:
    """Announce waivers that expire soon, once for each of `WARNINGS`. Returns their number."""
    count = 0
    for days in sorted(WARNINGS):
        statement = _open(now).where(
            Waiver.approved_at.is_not(None),
            Waiver.expires_at <= now + timedelta(days=days),
            Waiver.approved_at <= Waiver.expires_at - timedelta(days=days),
            or_(Waiver.warned_days.is_(None), Waiver.warned_days > days),
        )
        for waiver in session.execute(statement.with_for_update(skip_locked=True)).scalars():
            waiver.warned_days = days
            session.add(_expiring(session, waiver))
            count += 1
        session.flush()
    return count


def _open(now: datetime) -> Select[Waiver]:
    return select(Waiver).where(Waiver.ended_at.is_(None), Waiver.expires_at > now).order_by(Waiver.expires_at)


def _versions_of_targets() -> Select[UUID, UUID]:
    """Select each target with a policy, and the newest version of that policy."""
    default = Target.policy_id.is_(None) & (Policy.project_id == Target.project_id) & Policy.default_since.is_not(None)
    newest = select(func.max(PolicyVersion.version)).where(PolicyVersion.policy_id == Policy.id)
    newest_of_policy = newest.correlate(Policy).scalar_subquery()
    return (
        select(Target.id.label("target_id"), PolicyVersion.id.label("version_id"))
        .join(Policy, (Policy.id == Target.policy_id) | default)
        .join(PolicyVersion, (PolicyVersion.policy_id == Policy.id) & (PolicyVersion.version == newest_of_policy))
    )


def _expiring(session: Session, waiver: Waiver) -> Notification:
    """Return the event of a waiver that expires. It does not name a waived identity."""
    target, release = session.get_one(Target, waiver.target_id), session.get_one(Release, waiver.release_id)
    covered = waiver.rule or "a finding"
    payload = {
        "waiver": public_id("wai", waiver.id),
        "target": public_id("tgt", target.id),
        "release": {
            "id": public_id("rel", release.id),
            "target": target.name,
            "version": release.version,
            "digest": waiver.digest,
        },
        "rule": waiver.rule,
        "reason": waiver.reason,
        "asked_by": waiver.asked_by,
        "approved_by": waiver.approved_by,
        "expires_at": waiver.expires_at.isoformat(),
        "sentence": f"The waiver of {covered} for {target.name} {release.version} expires at "
        f"{waiver.expires_at:%Y-%m-%d %H:%M} UTC.",
        "next_step": "Correct what is waived, or ask for another waiver. Otherwise the release fails again.",
    }
    return Notification(project_id=waiver.project_id, kind="waiver.expiring", payload=payload)
