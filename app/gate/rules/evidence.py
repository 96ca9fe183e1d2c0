"""EXH002: the audit reaches the required evidence level."""

from app.contract.decision import RuleReading
from app.contract.result.base import EvidenceLevel
from app.gate.facts import Case
from app.gate.reading import reading

LEVELS: tuple[EvidenceLevel, ...] = ("unreferenced", "evaluator", "verified")


def read(case: Case) -> RuleReading:
    """Fail below the level of the policy."""
    found, needed = case.result.evidence_level, case.policy.evidence
    if LEVELS.index(found) < LEVELS.index(needed):
        return reading("EXH002", "fail", f"The evidence level is {found}; the policy requires {needed}.")
    return reading("EXH002", "pass", f"The evidence level is {found}.")
