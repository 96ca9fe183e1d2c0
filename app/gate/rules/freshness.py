"""EXH008: the verdict is recent, and of the engine that the policy accepts."""

from datetime import datetime, timedelta

from app.contract.decision import RuleReading
from app.gate.facts import Case
from app.gate.reading import number_figure, reading


def read(case: Case) -> RuleReading:
    """Fail or warn once the verdict is as old as the policy allows, or of another version."""
    rule = case.policy.freshness
    if rule is None or (rule.days is None and not rule.same_engine):
        return reading("EXH008", "not_asked", "The policy does not limit the age of a verdict.")
    stale, figures = [], []
    ends = stale_from(case)
    if rule.days is not None and ends is not None:
        days = (case.now - case.audited.finished_at) // timedelta(days=1)
        figures.append(number_figure("days since the audit", max(days, 0), rule.days, "below"))
        if case.now >= ends:
            stale.append(f"The audit ended {days:,} days ago; its verdict counts for {rule.days:,} days.")
    newest = case.audited.newest_engine
    if rule.same_engine and newest is not None and case.result.code.engine != newest:
        stale.append("Another engine made the verdict than the newest audit of this service.")
    if stale:
        return reading("EXH008", rule.severity, " ".join(stale), *figures)
    until = f" until {ends:%Y-%m-%d}" if ends is not None else ""
    return reading("EXH008", "pass", f"The verdict counts{until}.", *figures)


def stale_from(case: Case) -> datetime | None:
    """Return the moment from which the verdict is too old, if the policy limits its age."""
    rule = case.policy.freshness
    return None if rule is None or rule.days is None else case.audited.finished_at + timedelta(days=rule.days)
