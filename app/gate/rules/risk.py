"""EXH001: R is within the budget for each kind of access that the policy asks about."""

from app.contract.decision import RuleFigure, RuleOutcome, RuleReading
from app.contract.policy import Policy
from app.contract.result import Result
from app.contract.result.base import Access
from app.contract.result.risk import BoundedRisk
from app.contract.shares import exact, share, span
from app.gate.conditions import lacking, unjudged
from app.gate.facts import Case
from app.gate.reading import reading, risk_figure

ACCESSES: tuple[Access, ...] = ("white-box", "scores", "labels")
"""Kinds of access. Each attacker has everything that the next one has."""
ATTACKERS: dict[Access, str] = {
    "white-box": "attackers who have the weights",
    "scores": "attackers who have scores",
    "labels": "attackers who have labels alone",
}
Finding = tuple[RuleOutcome, str, RuleFigure | None]


def budgets(policy: Policy) -> dict[Access, float]:
    """Return the budgets that a policy sets, by kind of access."""
    asked = zip(ACCESSES, (policy.budgets.white_box, policy.budgets.scores, policy.budgets.labels), strict=True)
    return {access: budget for access, budget in asked if budget is not None}


def read(case: Case) -> RuleReading:
    """Fail if any budget is exceeded, and stay undecided if any is not shown to be met."""
    asked = budgets(case.policy)
    if not asked:
        return reading("EXH001", "not_asked", "The policy sets no budget.")
    found = [judged(case.result, access, budget) for access, budget in asked.items()]
    order: tuple[RuleOutcome, ...] = ("fail", "inconclusive", "pass")
    worst = min((outcome for outcome, _, _ in found), key=order.index)
    reasons = [words for outcome, words, _ in found if outcome == worst]
    return reading("EXH001", worst, " ".join(reasons), *(figure for _, _, figure in found if figure is not None))


def judged(result: Result, access: Access, budget: float) -> Finding:
    """Judge R for one kind of access at a budget.

    A kind that was not tested can pass by the bound of a stronger attacker, because that attacker
    could do the same. It cannot fail by it.
    """
    if (why := unjudged(result)) is not None:
        return "inconclusive", f"The risk is unknown for {ATTACKERS[access]}: {why}", None
    tested, R = strongest_tested(result, access)
    if tested is None or R is None:
        return "inconclusive", f"No attack with the access of {ATTACKERS[access]} was tested.", None
    label = f"R, {access}" if tested == access else f"R, {access} (bounded by {tested})"
    figure = risk_figure(label, R.value, R.bound_low, R.bound_high, budget)
    if R.bound_low > budget and tested == access:
        words = f"The lower bound of R for {ATTACKERS[access]}, {share(R.bound_low)}, is above the budget of"
        return "fail", f"{words} {exact(budget)}.", figure
    if R.bound_high >= budget:
        return "inconclusive", open_words(access, tested, R, budget), figure
    if missing := lacking(result, budget):
        return "inconclusive", f"R is below the budget, but a PASS needs more. {' '.join(missing)}", figure
    words = f"The upper bound of R for {ATTACKERS[access]}, {share(R.bound_high)}, is below the budget of"
    by = "" if tested == access else f" It is that of {ATTACKERS[tested]}, who could do the same."
    return "pass", f"{words} {exact(budget)}.{by}", figure


def strongest_tested(result: Result, access: Access) -> tuple[Access | None, BoundedRisk | None]:
    """Return the risk for this access, or for the weakest stronger attacker that was tested."""
    models = {one.access: one for one in result.threat_models if one.tested and one.risk is not None}
    upwards = ACCESSES[: ACCESSES.index(access) + 1][::-1]
    tested = next((one for one in upwards if one in models), None)
    return tested, models[tested].risk if tested is not None else None


def open_words(access: Access, tested: Access, R: BoundedRisk, budget: float) -> str:
    """Return why R neither exceeds the budget nor lies below it."""
    bounds = span(R.bound_low, R.bound_high)
    if tested != access:
        return (
            f"No attack with the access of {ATTACKERS[access]} was tested, and the upper bound of R for "
            f"{ATTACKERS[tested]}, {share(R.bound_high)}, is not below the budget of {exact(budget)}."
        )
    return f"The bounds of R for {ATTACKERS[access]}, {bounds}, contain the budget of {exact(budget)}."
