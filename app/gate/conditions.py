"""Conditions of a PASS other than the bound of R, read from a result of any version."""

from collections.abc import Callable
from typing import get_args

from app.contract.choices import Stop
from app.contract.engine import POWER_NEEDED, SENSITIVITY_NEEDED
from app.contract.result import Result
from app.contract.shares import share
from app.gate.intervals import share_above

BY_BUDGET = frozenset({"bounds_hold_budget", "lower_above_budget", "upper_below_budget"})
"""Reasons that compare R with the budget of the plan, not that of the policy."""
ALONE = "verifier_"


def unjudged(result: Result) -> str | None:
    """Return why a result says nothing about R, so that it can be neither PASS nor FAIL."""
    if result.stopped is not None:
        return result.stopped.detail
    codes = dict(zip(result.reason_codes, result.reasons, strict=False))
    if found := [words for code, words in codes.items() if code in get_args(Stop)]:
        return found[0]
    if result.risk is None or result.evidence_level == "unreferenced":
        return next(iter(result.reasons), "R was not measured.")
    missing = result.coverage.planned - result.coverage.scored
    if missing > 0:
        return f"{missing:,} of the {result.coverage.planned:,} planned {result.noun.many} could not be judged."
    return None


def lacking(result: Result, budget: float) -> list[str]:
    """Return the conditions of a PASS that a judged result does not meet, in words.

    The codes of the reasons are complete for PASS and INCONCLUSIVE. A FAIL does not list what else
    a PASS would need, so that is derived from the figures. An unknown code, from another version,
    counts as a condition that is not met. Whether the verifiers disagree depends on the budget.
    """
    found: list[str] = []
    if result.verdict == "FAIL":
        found = [words for condition, words in DERIVED if condition(result)]
    elif result.verdict == "INCONCLUSIVE":
        listed = zip(result.reason_codes, result.reasons, strict=False)
        found = [words for code, words in listed if code not in BY_BUDGET | {"verifiers_disagree"}]
    if (disagreement := disagreeing(result, budget)) is not None:
        found.append(disagreement)
    return found


def disagreeing(result: Result, budget: float) -> str | None:
    """Return how one verifier alone recognises more than all together, by more than the budget."""
    together = result.figures.get("verified")
    alone = {name: figure for name, figure in result.figures.items() if name.startswith(ALONE)}
    if together is None or not alone:
        listed = zip(result.reason_codes, result.reasons, strict=False)
        return next((words for code, words in listed if code == "verifiers_disagree"), None)
    name, most = max(alone.items(), key=lambda item: item[1].value)
    only = round(most.value * most.n) - round(together.value * together.n)
    if not share_above(only, most.n, budget):
        return None
    return (
        f"The verifiers disagree: {name.removeprefix(ALONE)} alone recognises {share(most.value)} of the "
        f"{result.noun.many}, all of them together {share(together.value)}."
    )


def _sensitivity_unknown(result: Result) -> bool:
    return result.evidence_level == "verified" and result.risk is not None and result.risk.correction is None


def _sensitivity_low(result: Result) -> bool:
    correction = None if result.risk is None else result.risk.correction
    return correction is not None and correction.sensitivity < SENSITIVITY_NEEDED


DERIVED: tuple[tuple[Callable[[Result], bool], str], ...] = (
    (lambda r: r.evidence_level == "evaluator", "Only the uncalibrated evaluator has judged."),
    (
        lambda r: r.fit is not None and r.fit.state == "below_floor",
        "The model labels fewer of its own training images correctly than a trained model does.",
    ),
    (lambda r: any(one.refused for one in r.verifiers), "A verifier was rejected as a judge of these images."),
    (lambda r: r.power is None, "The power of the plan was not measured."),
    (
        lambda r: r.power is not None and r.power.value < r.power.needed,
        f"The plan is too weak: it reaches less than R = {share(POWER_NEEDED)} on the reference model.",
    ),
    (lambda r: not r.contamination.compared, "Public and private images were not compared for duplicates."),
    (_sensitivity_unknown, "How often the verifiers recognise real images is unknown."),
    (_sensitivity_low, "The verifiers recognise fewer than half of the real images."),
)
"""Conditions that a FAIL may miss as well, derived from the figures of its result."""
