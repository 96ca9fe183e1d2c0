"""The next step after a decision that is not a pass."""

from collections.abc import Sequence

from app.contract.decision import Outcome, RuleReading
from app.contract.gate_rules import RuleId
from app.contract.policy import Policy
from app.contract.result import Result
from app.contract.shares import exact
from app.gate.rules.risk import budgets
from app.gate.sentences import most_important
from app.sufficiency.evidence_needed import fewest_for_pass

OR_WAIVE = "or ask for a waiver"
STEPS: dict[RuleId, str] = {
    "EXH001": f"Train the model so that it memorises less and audit the new release, {OR_WAIVE}.",
    "EXH002": "Audit again with private images and two verifiers that recognise images of this kind.",
    "EXH003": "Audit again with more identities.",
    "EXH004": "Audit again with the attacks that the policy requires.",
    "EXH006": f"Compare the training of the two releases, {OR_WAIVE}.",
    "EXH007": f"Check the images of those who are newly named, {OR_WAIVE}.",
    "EXH008": "Audit the release again.",
    "EXH009": "Read the reason above, correct it, and start the audit again.",
}


def next_step(outcome: Outcome, rules: Sequence[RuleReading], policy: Policy, result: Result | None) -> str | None:
    """Return what to do about the most important reading. None for a pass."""
    if outcome == "pass":
        return None
    first = most_important(outcome, rules)
    if first.outcome == "waived":
        ends = min((one.expires_at for one in first.waivers), default=None)
        when = "" if ends is None else f" on {ends:%Y-%m-%d}"
        return f"Correct what is waived before the waiver ends{when}."
    if first.id == "EXH005" and result is not None:
        return towards_an_answer(policy, result)
    return STEPS.get(first.id)


def towards_an_answer(policy: Policy, result: Result) -> str:
    """Return what would decide an undecided rule.

    The steps of the result are for the budget of its plan. At another budget only the number of
    identities can be told.
    """
    asked = budgets(policy)
    smallest = min(asked.values(), default=None)
    if result.decides and (smallest is None or smallest == result.budget or len(result.reason_codes) > 1):
        return result.decides[0]
    if smallest is not None:
        needed = fewest_for_pass(smallest)
        if needed > result.coverage.classes:
            return (
                f"A budget of {exact(smallest)} needs at least {needed:,} {result.noun.many}, and the model has "
                f"{result.coverage.classes:,}: change the budget of the policy, or what it makes of an undecided rule."
            )
        if needed > result.coverage.scored:
            return f"Audit at least {needed:,} {result.noun.many}: a budget of {exact(smallest)} needs that many."
    return "Audit again with more effort or more identities."
