"""What could decide an audit: the one function that knows, before the start and after the verdict.

Standard library only. It returns facts in the order of their weight; `app.sentences` puts them into words.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.decision.evidence_needed import Sensitivity, fewest_for_fail, fewest_for_pass, round_up, zero_hit_bound

POWER_NEEDED = 0.5
CONVINCED = 0.5
"""Where the search convinced the reference model of fewer of its reconstructions, it was too short."""
DRAWN = 0.03
"""By how much a bound that is corrected for the verifiers, and so is drawn, may lie above the expected one."""
LARGEST_BUDGET = 0.5
"""A larger one is not offered: it would accept that every second identity is exposed."""


@dataclass(frozen=True)
class Step:
    """One thing that would help to decide, and the figures it is about."""

    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Known:
    """What is known of an audit; before the start nothing is measured and the defaults stand.

    Attributes:
        classes: identities of the model. referenced: those with private images. audited: those of the plan.
        missing: planned identities that could not be scored.
        R: value and one-sided bounds of the risk, as `value`, `lower`, `upper`.
        sensitivity: how often the verifiers recognise real images; None: unknown.
        power: R of the plan against the reference model. convinced: the share of its reconstructions that the
            reference model itself takes for the identity.
        verifiers: how many may judge.
        reasons: codes of the verdict's reasons.
        fit: the fit document of the result.
    """

    classes: int
    referenced: int
    audited: int
    budget: float
    references: bool = True
    verifiers: int = 2
    missing: int = 0
    R: Mapping[str, float] | None = None
    sensitivity: Sensitivity | None = None
    power: float | None = None
    convinced: float | None = None
    reasons: tuple[str, ...] = ()
    fit: Mapping[str, Any] | None = None


def deciding(known: Known) -> list[Step]:
    """What would turn an open question into an answer, the first first; nothing where nothing can."""
    if known.fit is not None and known.fit["state"] in {"at_chance", "class_order", "input_convention"}:
        return [Step(f"fix_{known.fit['state']}", known.fit)]
    if not known.references:
        return [Step("add_references")]
    if known.missing:
        return [Step("complete_references", {"missing": known.missing})]
    if known.verifiers < 2:
        return [Step("add_verifiers", {"have": known.verifiers})]  # by other judges R would be another
    steps = [*_judges(known), *_plan(known)]
    if "below_floor" in known.reasons:
        steps.insert(0, Step("fix_below_floor", known.fit or {}))
    if "not_compared" in known.reasons or "contaminated" in known.reasons:
        steps.append(Step("clean_public"))
    return [*steps, *_size(known, as_it_is=not steps)]


def _judges(known: Known) -> list[Step]:
    """Better verifiers: others, a third; or images to measure them on."""
    codes = {
        "sensitivity_unknown": "add_images",
        "sensitivity_low": "other_verifiers",
        "verifiers_disagree": "third_verifier",
    }
    return [Step(step) for reason, step in codes.items() if reason in known.reasons]


def _plan(known: Known) -> list[Step]:
    """A stronger plan, by the cause: a search that was too short, or a prior or attack that cannot show anybody."""
    if "power_unknown" in known.reasons:
        return [Step("measure_power")]
    if known.power is None or known.power >= POWER_NEEDED:
        return []
    facts = {"power": known.power, "convinced": known.convinced}
    short = known.convinced is not None and known.convinced < CONVINCED
    return [Step("more_effort" if short else "other_prior_or_attack", facts)]


def _size(known: Known, *, as_it_is: bool) -> list[Step]:
    """More identities, if there are any and if they can be enough; another budget, if nothing else is missing."""
    R = known.R or {"value": 0.0, "lower": 0.0, "upper": 1.0}
    if known.R is not None and (R["upper"] < known.budget or R["lower"] > known.budget):
        return []
    steps, left = [], known.classes - known.audited
    if known.R is not None and R["value"] > known.budget:
        needed, code = fewest_for_fail(R["value"], known.budget, known.sensitivity), "more_identities_fail"
    else:
        beyond = math.floor(R["value"] * known.audited * (known.sensitivity.value if known.sensitivity else 1.0))
        needed, code = fewest_for_pass(known.budget, known.sensitivity, hits=beyond), "more_identities"
    facts = {
        "needed": needed,
        "more": max(needed - known.audited, 1),
        "audited": known.audited,
        "classes": known.classes,
        "referenced": known.referenced,
        "sensitivity": known.sensitivity.value if known.sensitivity else None,
        "budget": known.budget,
    }
    if known.R is not None or needed > known.audited:
        if left and needed <= known.classes:
            steps.append(Step(code, facts))
        else:
            steps.append(Step("no_more_identities" if left == 0 else "too_few_identities", facts))
    budget = smallest_budget(known)
    if as_it_is and budget is not None and budget > known.budget:
        steps.append(Step("other_budget", facts | {"offered": budget}))
    return steps


def smallest_budget(known: Known) -> float | None:
    """The smallest budget that these identities could pass; None above a half.

    Before the start it supposes that nobody is recognised; after the verdict it follows from the bound of R.
    """
    expected = zero_hit_bound(known.audited, known.sensitivity) * (1 if known.sensitivity is None else 1 + DRAWN)
    budget = round_up(expected if known.R is None else known.R["upper"])
    return budget if budget <= LARGEST_BUDGET else None
