"""EXH009: the audit ended with a result."""

from app.contract.decision import RuleReading
from app.contract.gate_rules import RULES
from app.gate.facts import Audited
from app.gate.reading import reading


def read() -> RuleReading:
    """Return the reading for an audit with a result."""
    return reading("EXH009", "pass", "The audit ended with a result.")


def without_result(audited: Audited) -> list[RuleReading]:
    """Return the readings of all rules for an audit without a result. Only this one is asked."""
    ended = {"succeeded": "ended without a result", "failed": "failed", "cancelled": "was cancelled"}[audited.ending]
    reason = f"The audit {ended}. {audited.detail}".rstrip()
    return [
        reading(rule, "fail", reason)
        if rule == "EXH009"
        else reading(rule, "not_asked", "There is no result to judge.")
        for rule in RULES
    ]
