"""Two audits compared: R over the identities of both, who changed, and how the plans differ."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import anyio
from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.audits import outcomes, repository
from app.audits.plan_changes import changes
from app.auth.subject import Subject
from app.contract.attack_labels import attack_label
from app.contract.comparison import ChangedIdentity, Comparison, Side
from app.contract.nouns import NOUNS, Noun
from app.contract.plan import Plan
from app.contract.result import Result
from app.contract.result.base import Figure
from app.contract.result.names import RiskBefore
from app.db.models import Audit, Dataset, IdentityOutcome, Release, Target
from app.formats.names import tidy
from app.kit.ids import public_id
from app.sentences import comparison as words


@dataclass(frozen=True)
class Judged:
    """An identity of one audit: whether it is recognised, and its controls."""

    identity: int
    name: str
    verified: bool
    controls: dict[str, float]


@dataclass(frozen=True)
class Audited:
    """One of the audits, with the outcomes that verifiers decided, by name."""

    audit: Audit
    target: str
    version: str
    result: Result
    plan: Plan
    judged: dict[str, Judged]
    private_identities: int | None

    @property
    def judges(self) -> set[str]:
        """Return the digests of the verifiers that judged."""
        return {one.digest for one in self.result.verifiers if not one.refused}

    @property
    def side(self) -> Side:
        """Return the audit as the comparison shows it."""
        audit = self.audit
        return Side(
            audit=public_id("aud", audit.id),
            target=self.target,
            version=self.version,
            attacks=[attack_label(one.name, one.setting, one.prior) for one in self.plan.attacks],
            verdict=audit.verdict,
            evidence_level=self.result.evidence_level,
            risk=RiskBefore(value=audit.risk, low=audit.risk_low, high=audit.risk_high),
            budget=self.plan.budget,
            identities=len(self.plan.identities),
        )


async def compare(session: AsyncSession, subject: Subject, first_id: UUID, second_id: UUID) -> Comparison:
    """Compare two audits. Raises: NotFoundError, ConflictError while one has no result."""
    first = await _audited(session, subject, first_id)
    second = await _audited(session, subject, second_id)
    noun = NOUNS[first.result.classes_are]
    shared = sorted(set(first.judged) & set(second.judged))
    pairs = [(first.judged[name], second.judged[name]) for name in shared]
    reasons = _not_comparable(first, second, pairs, noun)
    newly = [_changed(*pair) for pair in pairs if pair[1].verified and not pair[0].verified]
    gone = [_changed(*pair) for pair in pairs if pair[0].verified and not pair[1].verified]
    difference = None if reasons else await anyio.to_thread.run_sync(_difference, pairs, first.plan.seed, noun)
    counts = {"shared": len(pairs), "newly": len(newly), "no_longer": len(gone)}
    return Comparison(
        first=first.side,
        second=second.side,
        sentence=words.incomparable(reasons)
        if difference is None
        else words.compared(difference.model_dump(), **counts, noun=noun),
        not_comparable=reasons,
        notes=_notes(first, second, noun),
        difference=difference,
        shared=len(pairs),
        newly_exposed=newly,
        no_longer_exposed=gone,
        both_exposed=sum(one.verified and other.verified for one, other in pairs),
        neither_exposed=sum(not one.verified and not other.verified for one, other in pairs),
        changes=changes(first.plan, second.plan, first.result, second.result),
    )


async def _audited(session: AsyncSession, subject: Subject, audit_id: UUID) -> Audited:
    audit = await repository.get(session, subject, audit_id)
    result = await outcomes.result(session, subject, audit_id)
    names = select(Target.name, Release.version).join(Release, Release.target_id == Target.id)
    target, version = (await session.execute(names.where(Release.id == audit.release_id))).one()
    names_of = Dataset.identities
    length = case((func.jsonb_typeof(names_of) == "array", func.jsonb_array_length(names_of)))
    size = select(length).where(Dataset.id == audit.private_dataset_id)
    private = (await session.execute(size)).scalar_one_or_none()
    columns = select(IdentityOutcome.identity, IdentityOutcome.name, IdentityOutcome.verified, IdentityOutcome.details)
    rows = (await session.execute(columns.where(IdentityOutcome.audit_id == audit.id))).all()
    judged = {
        tidy(row.name): Judged(row.identity, row.name, row.verified, row.details.get("controls") or {})
        for row in rows
        if row.verified is not None
    }
    return Audited(audit, target, version, result, Plan.load(audit.plan), judged, private)


def _not_comparable(first: Audited, second: Audited, pairs: Sequence[Any], noun: Noun) -> list[str]:
    """Return why R of the second cannot be compared with R of the first."""
    if {first.result.evidence_level, second.result.evidence_level} != {"verified"}:
        return [words.not_verified()]
    reasons = []
    if not (first.result.is_meaningful and second.result.is_meaningful):
        reasons.append(words.nothing_learned())
    if first.judges != second.judges:
        reasons.append(words.other_verifiers())
    if first.result.inputs.gallery_images != second.result.inputs.gallery_images:
        reasons.append(words.other_gallery())
    if not pairs:
        reasons.append(words.nobody_shared(noun))
    return reasons


def _notes(first: Audited, second: Audited, noun: Noun) -> list[str]:
    """Return what limits the comparison without forbidding it."""
    sizes = first.private_identities, second.private_identities
    if sizes[0] is None or sizes[1] is None or sizes[0] == sizes[1]:
        return []
    return [words.other_private_size(sizes[0], sizes[1], noun)]


def _changed(first: Judged, second: Judged) -> ChangedIdentity:
    return ChangedIdentity(name=second.name, first=first.identity, second=second.identity)


def _difference(pairs: Sequence[tuple[Judged, Judged]], seed: int, noun: Noun) -> Figure:
    """Return R of the second minus R of the first, with its paired interval."""
    from app.statistics.paired import Exposed, regression

    before, now = (Exposed.of([(pair[at].verified, pair[at].controls) for pair in pairs]) for at in (0, 1))
    return Figure.of("comparison", regression(now, before, seed=seed).to_dict(), noun)
