"""Limits that a result states: access, sampling and what was not tested."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.contract.attack_labels import attack_label, portfolio_label
from app.contract.nouns import NOUNS
from app.contract.plan import PlannedAttack
from app.contract.result.base import Interval
from app.contract.result.risk import BoundedRisk, EarlyEnd, Sampling, ThreatModel
from app.sentences import honesty as words
from worker.evaluation.score import Score
from worker.evaluation.severity import Access
from worker.evidence.inputs import AuditInputs

ACCESSES: tuple[Access, ...] = ("white-box", "scores", "labels")


def threat_models(
    scored: Score, *, access: Access, attacks: Sequence[PlannedAttack], attacked: bool
) -> list[ThreatModel]:
    """Return one entry per kind of access: the attacks, and the risk if it could be judged."""
    named = [(one.name, one.setting, one.prior) for one in attacks]
    lines = []
    for name in ACCESSES:
        tested = attacked and name == access
        risk = None
        if tested and scored.risk is not None:
            bounds = {"bound_low": scored.risk.lower, "bound_high": scored.risk.upper}
            risk = BoundedRisk.model_validate(scored.risk.R.to_dict() | bounds)
        lines.append(
            ThreatModel(
                access=name,
                needs=words.ACCESS[name],
                tested=tested,
                attacks=[attack_label(*one) for one in named] if tested else [],
                risk=risk,
                severity=scored.severity if risk is not None else None,
                words=words.threat_model(
                    portfolio_label(named),
                    attacks=len(named),
                    tested=tested,
                    risk=None if risk is None else risk.model_dump(),
                ),
            )
        )
    return lines


def sampling(inputs: AuditInputs, scored: Score) -> Sampling | None:
    """Return whether the interval covers a sample of the identities or all of them."""
    if scored.risk is None:
        return None
    n, of = scored.risk.R.n, len(inputs.classes)
    alone = scored.risk.finite_population(of)
    return Sampling(
        case="census" if n == of else "sample",
        audited=n,
        of=of,
        finite_population=None if alone is None else Interval(low=alone[0], high=alone[1]),
        words=words.sampling(NOUNS[inputs.classes_are], audited=n, of=of, referenced=referenced(inputs), alone=alone),
    )


def early_end(inputs: AuditInputs, looked: Mapping[str, Any]) -> EarlyEnd | None:
    """Return the early look that ended the audit, or None.

    Args:
        looked: result of the stage `look`, if the audit has one.
    """
    look = inputs.plan.look
    if look is None or looked.get("certain") is None:
        return None
    found = {
        "planned": len(inputs.plan.identities),
        "attacked": len(look.identities),
        "certain": looked["certain"],
        "bound_low": looked["lower"],
        "bound_high": looked["upper"],
        "alpha": look.alpha,
    }
    said = words.early_end(found | {"budget": inputs.plan.budget}, NOUNS[inputs.classes_are])
    return EarlyEnd.model_validate(found | {"words": said})


def referenced(inputs: AuditInputs) -> int:
    """Return the number of identities with private images, as the plan counted them."""
    if inputs.private is None:
        return 0
    return inputs.plan.identity_sample.of


def not_tested(
    inputs: AuditInputs, scored: Score, *, access: Access, attacks: list[str], power: bool, attacked: bool
) -> list[str]:
    """Return what was not tested although a reader might expect it."""
    return words.not_tested(
        NOUNS[inputs.classes_are],
        access=access,
        attacks=attacks,
        twin=scored.partial.get("twin"),
        audited=len(scored.identities),
        left=len(inputs.classes) - len(inputs.identities),
        power=power,
        attacked=attacked,
    )
