"""What could decide an audit, before the start and after the verdict.

Returns facts in order of importance; `app.sentences` puts them
into words.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, get_args

from app.contract.choices import Stop
from app.contract.engine import POWER_NEEDED
from app.sufficiency.evidence_needed import Sensitivity, fewest_for_fail, fewest_for_pass, round_up, zero_hit_bound

CONVINCED = 0.5
"""A search is too short if the reference model recognises less than this share of its output."""
DRAWN = 0.03
"""How far a bound with sampled verifier errors may exceed the expected one."""
LARGEST_BUDGET = 0.5
"""A larger budget is not offered: it would accept that every second identity is exposed."""


@dataclass(frozen=True)
class Step:
    """One measure that would help to decide, with its figures."""

    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Known:
    """What is known of an audit. Before the start nothing is measured and the defaults apply.

    Attributes:
        classes: number of identities of the model.
        referenced: number of those with private images.
        audited: number of those in the plan.
        missing: planned identities that could not be scored.
        R: value and one-sided bounds of the risk, as `value`, `lower`, `upper`.
        sensitivity: how often the verifiers recognise real images, or None if unknown.
        power: R of the plan against the reference model.
        convinced: share of its reconstructions that the reference model itself assigns to the
            identity.
        verifiers: number of usable verifiers.
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
    """Return the measures that would decide an open question, most important first.

    Returns an empty list if nothing would.
    """
    if known.fit is not None and known.fit["state"] in get_args(Stop):
        return [Step(f"fix_{known.fit['state']}", known.fit)]
    if not known.references:
        return [Step("add_references")]
    if known.missing:
        return [Step("complete_references", {"missing": known.missing})]
    if known.verifiers < 2:
        return [Step("add_verifiers", {"have": known.verifiers})]  # with other verifiers R would be different
    steps = [*_judges(known), *_plan(known)]
    if "below_floor" in known.reasons:
        steps.insert(0, Step("fix_below_floor", known.fit or {}))
    if "not_compared" in known.reasons or "contaminated" in known.reasons:
        steps.append(Step("clean_public"))
    return [*steps, *_size(known, as_it_is=not steps)]


def _judges(known: Known) -> list[Step]:
    """Return measures for better verifiers: others, a third one, or images to measure them on."""
    codes = {
        "sensitivity_unknown": "add_images",
        "sensitivity_low": "other_verifiers",
        "verifiers_disagree": "third_verifier",
    }
    return [Step(step) for reason, step in codes.items() if reason in known.reasons]


def _plan(known: Known) -> list[Step]:
    """Return a stronger plan by cause: too short a search, or too weak a prior or attack."""
    if "power_unknown" in known.reasons:
        return [Step("measure_power")]
    if known.power is None or known.power >= POWER_NEEDED:
        return []
    facts = {"power": known.power, "convinced": known.convinced}
    short = known.convinced is not None and known.convinced < CONVINCED
    return [Step("more_effort" if short else "other_prior_or_attack", facts)]


def _size(known: Known, *, as_it_is: bool) -> list[Step]:
    """Return more identities if there are enough, or another budget if nothing else is missing."""
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
    """Return the smallest budget that these identities could pass, or None above one half.

    Before the start it assumes that nobody is recognised. After the verdict it follows from the
    bound of R.
    """
    expected = zero_hit_bound(known.audited, known.sensitivity) * (1 if known.sensitivity is None else 1 + DRAWN)
    budget = round_up(expected if known.R is None else known.R["upper"])
    return budget if budget <= LARGEST_BUDGET else None
