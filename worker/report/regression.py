"""Comparison with the newest comparable audit of an earlier release."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from app.contract.nouns import NOUNS, Noun
from app.contract.plan import Plan
from app.contract.result import Result
from app.contract.result.base import Figure
from app.contract.result.names import EarlierAudit, Regression, RiskBefore
from app.db.models import Audit, IdentityOutcome, Release
from app.db.states import AuditState
from app.formats.names import tidy
from app.kit.ids import public_id
from app.sentences import regression as words
from app.statistics.paired import Exposed, regression
from worker.evidence.inputs import AuditInputs

HISTORY = 12
NOT_COMPARED = frozenset(
    {
        *("attacks", "budget", "identities", "identity_sample", "look", "seed", "twin", "version"),
        *("datasets", "verifiers_chosen"),
    }
)
SAME_SETS = ("public", "gallery")
"""Data sets that must be the same if both plans have their digests."""


def comparable(mine: Plan, other: Plan) -> bool:
    """Return whether two plans measure in the same way.

    They may differ in the sample, its seed, the budget and extra controls. The private set may
    also differ, because a new release has new training images. The result says so.
    """
    names = set(Plan.model_fields) - NOT_COMPARED
    if any(getattr(mine, name) != getattr(other, name) for name in names) or attacks(mine) != attacks(other):
        return False
    pairs = [(getattr(mine.datasets, role), getattr(other.datasets, role)) for role in SAME_SETS]
    return all(None in pair or pair[0] == pair[1] for pair in pairs)


def attacks(plan: Plan) -> list[dict[str, Any]]:
    """Return the attacks of a plan without their division into jobs, which changes no result."""
    return [attack.model_dump(exclude={"shard_size"}) for attack in plan.attacks]


def same_references(inputs: AuditInputs, recorded: str | None) -> bool | None:
    """Return whether both audits use the same private set, with labels and names.

    None if one of them has no digest.

    Args:
        recorded: digest of the private set in the result of the earlier audit.
    """
    mine = inputs.private.digest if inputs.private else None
    return None if mine is None or recorded is None else mine == recorded


def compared(session: Session, inputs: AuditInputs, result: Result, outcomes: list[dict[str, Any]]) -> Regression:
    """Compare R with the newest comparable audit, and list those before it.

    `difference` is null, with a reason, when nothing can be compared.
    """
    noun = NOUNS[inputs.classes_are]
    if not result.is_meaningful:
        return Regression(difference=None, reason=words.nothing_comparable())
    earlier = _earlier(session, inputs, result.evidence_level)
    if not earlier:
        return Regression(difference=None, reason=words.nothing_earlier())
    newest = earlier[0]
    now = {tidy(row["name"]): row for row in outcomes if row["verified"] is not None}
    pairs = [_pair(session, now, one) for one in earlier[:HISTORY]]
    changes = [None if pair is None else pair.change(inputs.plan.seed, noun) for pair in pairs]
    found = Regression(
        audit=public_id("aud", newest.audit.id),
        release=public_id("rel", newest.audit.release_id),
        version=newest.version,
        difference=None,
        history=[one.point(change) for one, change in zip(earlier, changes, strict=False)][::-1],
        same_references=same_references(inputs, newest.result.inputs.private),
    )
    pair, change = pairs[0], changes[0]
    if pair is None or change is None:
        return found.model_copy(update={"reason": words.nobody_shared(newest.version, noun)})
    facts = change.model_dump()
    measured = {
        "difference": change,
        "newly_exposed": pair.newly,
        "shared": pair.shared,
        "sentence": words.against(newest.version, facts, shared=pair.shared, newly=pair.newly, noun=noun),
    }
    return found.model_copy(update=measured)


@dataclass(frozen=True)
class Pair:
    """The identities that two audits share, in the same order, and how many are newly verified."""

    now: Exposed
    before: Exposed
    shared: int
    newly: int

    def change(self, seed: int, noun: Noun) -> Figure:
        """Return the change of R with its paired interval."""
        return Figure.of("regression", regression(self.now, self.before, seed=seed).to_dict(), noun)


def _pair(session: Session, now: dict[str, dict[str, Any]], earlier: "Earlier") -> Pair | None:
    """Return the shared identities of this audit and an earlier one, or None without any."""
    statement = select(IdentityOutcome).where(IdentityOutcome.audit_id == earlier.audit.id)
    before = {tidy(row.name): row for row in session.execute(statement).scalars() if row.verified is not None}
    shared = sorted(set(now) & set(before))
    if not shared:
        return None
    rows = [(now[name], before[name]) for name in shared]
    return Pair(
        now=Exposed.of([(bool(row["verified"]), row["details"].get("controls") or {}) for row, _ in rows]),
        before=Exposed.of([(bool(row.verified), row.details.get("controls") or {}) for _, row in rows]),
        shared=len(shared),
        newly=len([name for name in shared if now[name]["verified"] and not before[name].verified]),
    )


@dataclass(frozen=True)
class Earlier:
    """A finished audit of another release, with its result."""

    audit: Audit
    version: str
    result: Result

    def point(self, change: Figure | None) -> EarlierAudit:
        """Return the audit as the history of a result shows it."""
        risk = RiskBefore(value=self.audit.risk, low=self.audit.risk_low, high=self.audit.risk_high)
        identifier = public_id("aud", self.audit.id)
        return EarlierAudit(
            audit=identifier, version=self.version, verdict=self.audit.verdict, risk=risk, difference=change
        )


def _earlier(session: Session, inputs: AuditInputs, evidence: str) -> list[Earlier]:
    """Return comparable audits of other releases of the target, newest first."""
    mine = aliased(Release)
    statement = (
        select(Audit, Release.version)
        .join(Release, Release.id == Audit.release_id)
        .join(mine, mine.target_id == Release.target_id)
        .where(
            mine.id == inputs.release_id,
            Release.id != inputs.release_id,
            Release.twin_of.is_(None),
            Audit.id != inputs.audit_id,
            Audit.public_dataset_id == inputs.public.id,
            Audit.state == AuditState.SUCCEEDED,
            Audit.evidence_level == evidence,
            Audit.replay_of.is_(None),
        )
        .order_by(Audit.created_at.desc())
    )
    rows = session.execute(statement.limit(200)).all()
    alike = [
        Earlier(audit, version, Result.load(audit.result))
        for audit, version in rows
        if audit.result is not None and comparable(inputs.plan, Plan.load(audit.plan))
    ]
    return [one for one in alike if one.result.is_meaningful]
