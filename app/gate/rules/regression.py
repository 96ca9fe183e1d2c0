"""EXH006: R has not risen since the last release that passed."""

from app.contract.decision import RuleReading
from app.contract.result import Result
from app.contract.shares import points
from app.gate.facts import Case, Earlier
from app.gate.intervals import Difference, unpaired
from app.gate.reading import difference_figure, reading


def read(case: Case) -> RuleReading:
    """Compare with the last release that passed; without one there is nothing to compare."""
    rule = case.policy.regression
    if rule is None:
        return reading("EXH006", "not_asked", "The policy does not compare releases.")
    before = case.last_passed
    if before is None:
        return reading("EXH006", "pass", "No earlier release passed, so there is nothing to compare with.")
    compared = difference(case.result, before)
    if compared is None:
        words = f"R cannot be compared with release {before.version}, because the two were not judged alike."
        return reading("EXH006", "inconclusive", words)
    change, how = compared
    limit = None if rule.tolerance == "auto" else rule.tolerance
    figure = difference_figure(f"change of R since release {before.version}", *change, limit)
    words = f"R changed by {points(change.value)} since release {before.version} ({how}"
    words += f", 95 % interval {points(change.low)} to {points(change.high)})"
    if limit is None and change.low > 0:
        return reading("EXH006", rule.severity, f"{words}: the whole interval is above zero.", figure)
    if limit is not None and change.value > limit:
        return reading("EXH006", rule.severity, f"{words}; the policy tolerates {points(limit)}.", figure)
    return reading("EXH006", "pass", f"{words}, within the tolerance.", figure)


def difference(result: Result, before: Earlier) -> tuple[Difference, str] | None:
    """Return the change of R and how it was measured, or None if the two cannot be compared.

    The result has the paired difference to comparable audits. For another audit the two intervals
    are combined as if the samples were independent.
    """
    found = result.regression
    if found is not None:
        of_history = {one.audit: one.difference for one in found.history}
        paired = found.difference if found.audit == before.audit else of_history.get(before.audit)
        if paired is not None:
            return Difference(paired.value, paired.low, paired.high), "paired"
    now = result.risk
    if now is None or before.risk is None or result.evidence_level != before.evidence:
        return None
    change = unpaired((now.value, now.low, now.high), before.risk)
    return change, "unpaired"
