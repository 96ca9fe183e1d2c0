"""Facts of a decision, read from the rows of an audit, its target and its waivers."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, aliased

from app import __version__
from app.contract.decision import ReleaseShown
from app.contract.result import Result
from app.db.models import Audit, Decision, Policy, PolicyVersion, Release, Target, Waiver
from app.db.states import AuditState, IntakeState
from app.gate.facts import Audited, Earlier
from app.gate.facts import Waiver as Covering
from app.kit.ids import public_id
from app.settings import settings

MOST_EARLIER = 500
"""Earlier audits that are read, newest first."""


def moment_of(audit: type[Audit]) -> ColumnElement[datetime]:
    """Return the time at which an audit ended."""
    return func.coalesce(audit.finished_at, audit.created_at)


def version_for(session: Session, target: Target) -> tuple[PolicyVersion, datetime] | None:
    """Return the version of the policy that applies to a target, and since when it applies.

    None if neither the target nor its project has a policy.
    """
    mine = Policy.id == target.policy_id
    if target.policy_id is None:
        mine = (Policy.project_id == target.project_id) & Policy.default_since.is_not(None)
    statement = select(PolicyVersion, Policy.default_since).join(Policy, Policy.id == PolicyVersion.policy_id)
    row = session.execute(statement.where(mine).order_by(PolicyVersion.version.desc()).limit(1)).one_or_none()
    if row is None:
        return None
    since = target.policy_since if target.policy_id is not None else row[1]
    return row[0], since or row[0].created_at


def audited(session: Session, audit: Audit, release: Release, target: Target) -> Audited:
    """Return what the rules read of a finished audit."""
    base = settings().public_url
    identifier = public_id("aud", audit.id)
    return Audited(
        audit=identifier,
        release=ReleaseShown(
            id=public_id("rel", release.id), target=target.name, version=release.version, digest=digest_of(release)
        ),
        ending="succeeded" if audit.result is not None else "cancelled" if _cancelled(audit) else "failed",
        result=None if audit.result is None else Result.load(audit.result),
        finished_at=audit.finished_at or audit.created_at,
        engine=__version__,
        detail=str((audit.problem or {}).get("detail", "")),
        superseded=superseded(session, release),
        newest_engine=newest_engine(session),
        url=f"{base.rstrip('/')}/audits/{identifier}" if base else None,
    )


def superseded(session: Session, release: Release) -> bool:
    """Return whether the target has a newer release that is ready."""
    newer = select(Release.id).where(
        Release.target_id == release.target_id,
        Release.state == IntakeState.READY,
        Release.twin_of.is_(None),
        Release.created_at > release.created_at,
    )
    return session.execute(newer.limit(1)).first() is not None


def _cancelled(audit: Audit) -> bool:
    return audit.state == AuditState.CANCELLED


def digest_of(release: Release) -> str:
    """Return the digest of a release's checkpoint."""
    return f"sha256:{release.sha256 or ''}"


def newest_engine(session: Session) -> str | None:
    """Return the digest of the engine that made the newest result of this service."""
    finished = select(Audit.id).where(Audit.state == AuditState.SUCCEEDED, Audit.result.is_not(None))
    newest = finished.order_by(Audit.finished_at.desc().nulls_last(), Audit.id.desc()).limit(1)
    engine = select(Audit.result["code"]["engine"].astext).where(Audit.id == newest.scalar_subquery())
    return session.execute(engine).scalar_one_or_none()


def earlier(session: Session, audit: Audit, release: Release) -> list[Earlier]:
    """Return the audits of other checkpoints that ended before this one, oldest first.

    A replay measures nothing new, and a twin is not a release.
    """
    others = (
        select(Audit.id)
        .join(Release, Release.id == Audit.release_id)
        .where(
            Release.target_id == release.target_id,
            Release.twin_of.is_(None),
            Release.id != release.id,
            Release.sha256.is_distinct_from(release.sha256) | Release.sha256.is_(None),
            Audit.state == AuditState.SUCCEEDED,
            Audit.result.is_not(None),
            Audit.replay_of.is_(None),
            moment_of(Audit) < (audit.finished_at or audit.created_at),
        )
        .order_by(moment_of(Audit).desc(), Audit.id.desc())
        .limit(MOST_EARLIER)
    ).subquery()
    latest = aliased(Decision)
    last = select(func.max(latest.number)).where(latest.audit_id == Audit.id).correlate(Audit).scalar_subquery()
    risk = (Audit.risk, Audit.risk_low, Audit.risk_high)
    statement = (
        select(Audit.id, Release.version, Audit.evidence_level, *risk, Audit.result["named"], Decision.reference)
        .join(others, others.c.id == Audit.id)
        .join(Release, Release.id == Audit.release_id)
        .outerjoin(Decision, (Decision.audit_id == Audit.id) & (Decision.number == last))
        .order_by(moment_of(Audit), Audit.id)
    )
    return [
        Earlier(
            audit=public_id("aud", identifier),
            version=version,
            evidence=level,
            risk=None if value is None else (value, low, high),
            named=[one["name"] for one in named or []],
            passed=bool(reference),
        )
        for identifier, version, level, value, low, high, named, reference in session.execute(statement)
    ]


def waivers(session: Session, target_id: UUID, now: datetime) -> list[Covering]:
    """Return the approved waivers of a target that have not ended."""
    statement = select(Waiver).where(
        Waiver.target_id == target_id,
        Waiver.approved_at.is_not(None),
        Waiver.ended_at.is_(None),
        Waiver.expires_at > now,
    )
    return [covering(one) for one in session.execute(statement.order_by(Waiver.created_at)).scalars()]


def covering(row: Waiver) -> Covering:
    """Return a waiver as the rules see it."""
    return Covering(
        id=public_id("wai", row.id),
        rule=row.rule,  # type: ignore[arg-type]  # written from a RuleId
        finding=row.finding,
        digest=row.digest,
        until_next_release=row.until_next_release,
        reason=row.reason,
        asked_by=row.asked_by,
        approved_by=row.approved_by or "",
        expires_at=row.expires_at,
    )


def newest_audits(session: Session, target_id: UUID, releases: int) -> Sequence[tuple[Audit, Release]]:
    """Return the newest finished audit of each of the newest releases, oldest first."""
    newest = (
        select(Audit.id)
        .join(Release, Release.id == Audit.release_id)
        .where(
            Release.target_id == target_id,
            Release.twin_of.is_(None),
            Audit.state.in_([AuditState.SUCCEEDED, AuditState.FAILED]),
            Audit.replay_of.is_(None),
        )
        .ext(distinct_on(Release.id))
        .order_by(Release.id, moment_of(Audit).desc(), Audit.id.desc())
    ).subquery()
    statement = (
        select(Audit, Release)
        .join(Release, Release.id == Audit.release_id)
        .where(Audit.id.in_(select(newest.c.id)))
        .order_by(moment_of(Audit).desc(), Audit.id.desc())
        .limit(releases)
    )
    return [(audit, release) for audit, release in session.execute(statement)][::-1]
