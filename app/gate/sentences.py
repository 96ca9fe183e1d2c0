"""The sentence of a decision: its outcome and its most important reason."""

import re
from collections.abc import Sequence

from app.contract.decision import Decision, Outcome, ReleaseShown, RuleReading
from app.contract.gate_rules import RuleId

VERBS: dict[Outcome, str] = {"pass": "passes", "warn": "passes with a warning", "fail": "fails"}
BY_IMPORTANCE: tuple[RuleId, ...] = (
    *("EXH009", "EXH001", "EXH006", "EXH007", "EXH002", "EXH004", "EXH003", "EXH005", "EXH008"),
)


def sentence(outcome: Outcome, release: ReleaseShown, rules: Sequence[RuleReading]) -> str:
    """Return a sentence such as `badge-reader 4 fails: The lower bound ... EXH007 fails too.`"""
    first = most_important(outcome, rules)
    waived = [one.id for one in rules if one.outcome == "waived"]
    if first.outcome == "waived":
        return f"{release.target} {release.version} passes by waiver of {' and '.join(waived)}: {first.reason}"
    others = [one.id for one in rules if one.outcome == first.outcome and one.id != first.id]
    also = ""
    if others and first.outcome in {"fail", "warn"}:
        also = f" {', '.join(others)} {first.outcome}{'s' if len(others) == 1 else ''} too."
    waivers = f" Waived: {', '.join(waived)}." if waived else ""
    return f"{release.target} {release.version} {VERBS[outcome]}: {first.reason}{also}{waivers}"


def most_important(outcome: Outcome, rules: Sequence[RuleReading]) -> RuleReading:
    """Return the reading that explains the outcome best."""
    by_id = {one.id: one for one in rules}
    ordered = [by_id[rule] for rule in BY_IMPORTANCE]
    wanted = {"fail": ("fail",), "warn": ("warn", "waived"), "pass": ("pass",)}[outcome]
    if outcome == "pass":
        ordered = [by_id[rule] for rule in ("EXH001", "EXH005", *BY_IMPORTANCE)]
    return next(one for one in ordered if one.outcome in wanted)


def without_names(decision: Decision) -> str:
    """Return the sentence without names of identities, which leave the service in no event."""
    return re.sub(r"(named for the first time) \(.*\)\.", r"\1.", decision.sentence)
