"""EXH003: the audit judges enough identities."""

from app.contract.decision import RuleReading
from app.gate.facts import Case
from app.gate.reading import number_figure, reading


def read(case: Case) -> RuleReading:
    """Fail below the number that the policy requires."""
    found, needed, noun = case.result.coverage.scored, case.policy.fewest_identities, case.result.noun
    figure = number_figure(f"{noun.many} judged", found, needed, "at least")
    if found < needed:
        words = f"The audit judged {found:,} {noun.one if found == 1 else noun.many}; the policy requires {needed:,}."
        return reading("EXH003", "fail", words, figure)
    return reading("EXH003", "pass", f"The audit judged {found:,} {noun.one if found == 1 else noun.many}.", figure)
