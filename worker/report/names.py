"""Identities exposed by name, and the stability of names over restarts and other seeds."""

from collections import Counter
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.contract.plan import Plan
from app.contract.result.names import Named, Naming, Seeds
from app.db.models import Audit, IdentityOutcome
from app.db.states import AuditState
from worker.evaluation.exposure import FALSE_DISCOVERY_RATE
from worker.evaluation.score import Score
from worker.evidence.inputs import AuditInputs
from worker.report.regression import comparable


@dataclass(frozen=True)
class EarlierRuns:
    """Earlier audits of the same release that differ only in the seed, one per seed.

    Attributes:
        audited, named: by class index, the number of them that audited and named the identity.
    """

    runs: int = 0
    audited: Counter[int] = field(default_factory=Counter)
    named: Counter[int] = field(default_factory=Counter)


def earlier_runs(session: Session, inputs: AuditInputs) -> EarlierRuns:
    """Return the newest finished audit per other seed, with the same release, data sets and plan.

    Only the seed and the sample of identities may differ.
    """
    mine = session.get_one(Audit, inputs.audit_id)
    statement = (
        select(Audit)
        .where(
            Audit.release_id == mine.release_id,
            Audit.id != mine.id,
            Audit.public_dataset_id == mine.public_dataset_id,
            Audit.private_dataset_id.is_not_distinct_from(mine.private_dataset_id),
            Audit.gallery_dataset_id.is_not_distinct_from(mine.gallery_dataset_id),
            Audit.state == AuditState.SUCCEEDED,
            Audit.evidence_level == "verified",
            Audit.replay_of.is_(None),
        )
        .order_by(Audit.created_at.desc())
    )
    newest: dict[int, Audit] = {}
    for audit in session.execute(statement.limit(200)).scalars():
        plan = Plan.load(audit.plan)
        if plan.seed != inputs.plan.seed and comparable(inputs.plan, plan):
            newest.setdefault(plan.seed, audit)
    found = EarlierRuns(runs=len(newest))
    rows = select(IdentityOutcome.identity, IdentityOutcome.details["named"].as_boolean())
    for identity, named in session.execute(
        rows.where(IdentityOutcome.audit_id.in_([audit.id for audit in newest.values()]))
    ):
        found.audited[identity] += 1
        found.named[identity] += bool(named)
    return found


def named(inputs: AuditInputs, scored: Score, earlier: EarlierRuns) -> list[Named]:
    """Return the identities exposed by name, strongest first.

    The false discovery rate is at most 5 % (Benjamini-Hochberg).
    """
    rows = {row["identity"]: row for row in scored.identities}
    return [
        Named(
            identity=identity,
            name=inputs.classes[identity],
            p_value=rows[identity]["p_value"],
            strength=rows[identity]["strength"],
            restarts=rows[identity]["restarts"],
            seeds=_seeds(identity, earlier),
        )
        for identity in scored.named
    ]


def _seeds(identity: int, earlier: EarlierRuns) -> Seeds | None:
    of = earlier.audited[identity]
    return Seeds(named=earlier.named[identity], of=of) if of else None


def naming(inputs: AuditInputs, scored: Score, earlier: EarlierRuns) -> Naming | None:
    """Return how reliable the names are, or None if nothing can be verified."""
    if scored.evidence != "verified" or scored.risk is None:
        return None
    audited = {row["identity"] for row in scored.identities}
    others = [k for k, times in sorted(earlier.named.items()) if times and k in audited and k not in scored.named]
    return Naming(
        false_discovery_rate=FALSE_DISCOVERY_RATE,
        expected_false=FALSE_DISCOVERY_RATE * len(scored.named),
        earlier_runs=earlier.runs,
        named_earlier_only=[inputs.classes[identity] for identity in others],
    )
