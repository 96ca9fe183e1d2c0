"""EXH005: what the policy makes of a rule that the evidence does not decide."""

from collections.abc import Sequence

from app.contract.decision import RuleReading
from app.gate.conditions import unjudged
from app.gate.facts import Case
from app.gate.reading import reading


def read(case: Case, others: Sequence[RuleReading]) -> RuleReading:
    """Return the outcome that the policy gives to undecided rules.

    An audit that judged nothing is undecided even if the policy sets no budget.
    """
    undecided = [one for one in others if one.outcome == "inconclusive"]
    if undecided:
        ids = " and ".join(one.id for one in undecided)
        return reading("EXH005", case.policy.inconclusive, f"{ids} is undecided. {undecided[0].reason}")
    if (why := unjudged(case.result)) is not None:
        return reading("EXH005", case.policy.inconclusive, f"The audit judged nothing: {why}")
    return reading("EXH005", "pass", "Every rule is decided.")
