"""Records decisions: one transaction holds the decision, its log entry and its events."""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.auth import audit_log
from app.auth.audit_log import Actor
from app.contract.decision import Decision as Document
from app.contract.decision import PolicyShown
from app.contract.policy import Policy as PolicyDocument
from app.db.models import Audit, Cause, Decision, Notification, Policy, PolicyVersion, Release, Target
from app.db.states import FINISHED_AUDIT
from app.errors import ConflictError
from app.gate.deciding import decide
from app.gate.facts import serves_as_reference
from app.gate.sentences import without_names
from app.jobs.transitions import lock_audit
from app.kit.ids import public_id
from app.policies import gathering


class Inputs(NamedTuple):
    """The rows that a decision is about."""

    audit: Audit
    release: Release
    target: Target


def current(session: Session, audit_id: UUID, by: Actor, *, now: datetime, cause: Cause = Cause.AUDIT) -> Decision:
    """Return the current decision about an audit, and make it if there is none.

    The audit's row is locked, so that two processes do not decide at the same time.

    Raises: ConflictError if the audit has not finished, or if no policy applies to it.
    """
    audit = lock_audit(session, audit_id)
    if audit.state not in FINISHED_AUDIT:
        raise ConflictError("not_finished", f"This audit is {audit.state}. It is decided when it has finished.")
    release = session.get_one(Release, audit.release_id)
    target = session.get_one(Target, release.target_id)
    found = gathering.version_for(session, target)
    if found is None:
        raise ConflictError(
            "no_policy", f"No policy applies to {target.name}. Assign one to the target, or set a default."
        )
    version, since = found
    last = last_decision(session, audit_id)
    again = cause == Cause.WAIVER
    if last is not None and counts(last, version, now) and not again and not outdated(session, last, version, audit):
        return last
    if last is not None and cause == Cause.AUDIT:
        cause = Cause.TIME if last.policy_version_id == version.id else Cause.POLICY
    inputs = Inputs(audit, release, target)
    made = _insert(session, inputs, version, last, cause=cause, now=now)
    _tell(session, made, by, last, since=since, audit=audit)
    return made


def counts(decision: Decision, version: PolicyVersion, now: datetime) -> bool:
    """Return whether a decision is by this version and has not run out."""
    return decision.policy_version_id == version.id and (decision.until is None or now < decision.until)


def outdated(session: Session, decision: Decision, version: PolicyVersion, audit: Audit) -> bool:
    """Return whether a newer engine has made a verdict since, and the policy asks about that."""
    freshness = PolicyDocument.model_validate(version.document).freshness
    if freshness is None or not freshness.same_engine or audit.result is None:
        return False
    counted = any(rule["id"] == "EXH008" and rule["outcome"] == "pass" for rule in decision.document["rules"])
    return counted and audit.result["code"]["engine"] != gathering.newest_engine(session)


def last_decision(session: Session, audit_id: UUID) -> Decision | None:
    """Return the last decision of an audit."""
    statement = select(Decision).where(Decision.audit_id == audit_id)
    return session.execute(statement.order_by(Decision.number.desc()).limit(1)).scalar_one_or_none()


def shown(session: Session, version: PolicyVersion) -> PolicyShown:
    """Return a version as decisions show it."""
    policy = session.get_one(Policy, version.policy_id)
    identifier = public_id("pol", policy.id)
    return PolicyShown(id=identifier, name=policy.name, version=version.version, digest=version.digest)


def _insert(
    session: Session, decided: Inputs, version: PolicyVersion, last: Decision | None, *, cause: Cause, now: datetime
) -> Decision:
    audit, release, target = decided
    document = decide(
        PolicyDocument.model_validate(version.document),
        shown(session, version),
        gathering.audited(session, audit, release, target),
        earlier=gathering.earlier(session, audit, release),
        waivers=gathering.waivers(session, target.id, now),
        now=now,
    )
    made = Decision(
        project_id=audit.project_id,
        audit_id=audit.id,
        target_id=target.id,
        release_id=release.id,
        policy_version_id=version.id,
        number=1 if last is None else last.number + 1,
        cause=cause,
        outcome=document.outcome,
        reference=serves_as_reference(document),
        until=document.until,
        document=document.model_dump(mode="json", by_alias=True),
    )
    session.add(made)
    session.flush()
    session.refresh(made)
    return made


def _tell(session: Session, made: Decision, by: Actor, last: Decision | None, *, since: datetime, audit: Audit) -> None:
    """Add the entry of the audit log, and the events that somebody should hear of.

    These are the first decision of an audit that ended under this policy, and a changed outcome of
    the newest release. A new version that decides old releases again is otherwise silent.
    """
    document = Document.model_validate(made.document)
    identifier, audit_name = public_id("dec", made.id), public_id("aud", audit.id)
    details: dict[str, Any] = {"decision": identifier, "outcome": made.outcome, "cause": str(made.cause)}
    details |= {"policy": document.policy.id, "version": document.policy.version}
    audit_log.write_now(session, by, "decision.made", audit_name, project_id=made.project_id, details=details)
    ended = audit.finished_at or audit.created_at
    fresh = last is None and ended >= since
    newest = not gathering.superseded(session, session.get_one(Release, made.release_id))
    changed = last is not None and last.outcome != made.outcome and newest
    if not fresh and not changed:
        return
    payload = details | {
        "audit": audit_name,
        "target": public_id("tgt", made.target_id),
        "release": document.release.model_dump(),
        "previous_outcome": None if last is None else last.outcome,
        "sentence": without_names(document),
        "next_step": document.next_step,
        "url": document.url,
    }
    kinds = ["decision.made"]
    kinds += ["decision.failed"] if made.outcome == "fail" else []
    kinds += ["decision.regressed"] if regressed(document) else []
    session.add_all(Notification(project_id=made.project_id, kind=kind, payload=payload) for kind in kinds)
    session.flush()


def regressed(document: Document) -> bool:
    """Return whether R has risen by more than the policy tolerates."""
    return any(rule.id == "EXH006" and rule.outcome in {"fail", "warn"} for rule in document.rules)
