"""in-toto statements about a checkpoint: the result of a test, and the whole decision."""

from typing import Any

from app.contract.decision import Decision, RuleOutcome
from app.contract.predicates import DECISION_TYPE, STATEMENT_TYPE, TEST_RESULT_TYPE
from app.reports.document import document
from app.reports.json_bytes import json_bytes
from app.reports.place import Place
from app.reports.text import NAME, plain, web_address

UNCLEAR: frozenset[RuleOutcome] = frozenset({"warn", "inconclusive", "waived"})


def statement(decision: Decision, predicate_type: str, predicate: dict[str, Any]) -> dict[str, Any]:
    """Return Statement v1 about the digest of the checkpoint."""
    name = f"{plain(decision.release.target, NAME)}:{plain(decision.release.version, NAME)}"
    return {
        "_type": STATEMENT_TYPE,
        "subject": [{"name": name, "digest": _digest(decision.release.digest)}],
        "predicateType": predicate_type,
        "predicate": predicate,
    }


def predicate_of_test_result(decision: Decision) -> dict[str, Any]:
    """Return test-result/v0.1. A decision that is inconclusive or waived is never PASSED."""
    unclear = decision.outcome == "warn" or decision.verdict == "INCONCLUSIVE"
    unclear = unclear or any(rule.outcome in UNCLEAR for rule in decision.rules)
    policy = decision.policy
    predicate: dict[str, Any] = {
        "result": "FAILED" if decision.outcome == "fail" else "WARNED" if unclear else "PASSED",
        "configuration": [
            {"name": f"{plain(policy.name, NAME)} version {policy.version}", "digest": _digest(policy.digest)}
        ],
        "passedTests": [rule.id for rule in decision.rules if rule.outcome == "pass"],
        "warnedTests": [rule.id for rule in decision.rules if rule.outcome in UNCLEAR],
        "failedTests": [rule.id for rule in decision.rules if rule.outcome == "fail"],
    }
    if url := web_address(decision.url):
        predicate["url"] = url
    return predicate


def test_result(decision: Decision, place: Place) -> bytes:
    """Return a statement with the predicate test-result/v0.1."""
    return json_bytes(statement(decision, TEST_RESULT_TYPE, predicate_of_test_result(decision)))


def test_result_predicate(decision: Decision, place: Place) -> bytes:
    """Return the predicate test-result/v0.1 alone, for a tool that makes the statement itself."""
    return json_bytes(predicate_of_test_result(decision))


def attestation(decision: Decision, place: Place) -> bytes:
    """Return a statement whose predicate is the decision, with all figures."""
    return json_bytes(statement(decision, DECISION_TYPE, document(decision)))


def _digest(digest: str) -> dict[str, str]:
    algorithm, _, value = digest.partition(":")
    return {algorithm: value}
