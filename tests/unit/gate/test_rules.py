"""Rules EXH002 to EXH009, each at its boundaries."""

from datetime import timedelta
from typing import Any

import pytest

from app.gate.sentences import without_names
from tests.unit.gate.cases import NOW, OTHER, audited, decided, earlier, outcome, read, result

DAY = timedelta(days=1)


@pytest.mark.parametrize("level", ["unreferenced", "evaluator", "verified"])
@pytest.mark.parametrize("needed", ["unreferenced", "evaluator", "verified"])
def test_the_evidence_reaches_the_required_level(level: str, needed: str) -> None:
    order = ["unreferenced", "evaluator", "verified"]
    expected = "pass" if order.index(level) >= order.index(needed) else "fail"
    assert outcome(result(evidence_level=level), "EXH002", {"evidence": needed}) == expected


def test_identities_that_were_judged_are_counted() -> None:
    for needed, expected in ((6, "pass"), (7, "fail")):
        assert outcome(result(), "EXH003", {"fewest_identities": needed}) == expected


def test_required_attacks_must_have_run() -> None:
    assert outcome(result(), "EXH004") == "not_asked"
    assert outcome(result(), "EXH004", {"attacks": ["gmi"]}) == "pass"
    missing = read(decided(result(), {"attacks": ["gmi", "decoder"]}), "EXH004")
    assert (missing.outcome, "decoder" in missing.reason) == ("fail", True)
    stopped = result(stopped={"code": "at_chance", "detail": "It guesses."})
    assert outcome(stopped, "EXH004", {"attacks": ["gmi"]}) == "fail"


@pytest.mark.parametrize("meaning", ["fail", "warn", "pass"])
def test_an_undecided_budget_means_what_the_policy_says(meaning: str) -> None:
    undecided = result(0.0, 0.02, 0.2, verdict="INCONCLUSIVE", codes=("bounds_hold_budget",))
    decision = decided(undecided, {"inconclusive": meaning})
    assert decision.outcome == read(decision, "EXH005").outcome == meaning
    assert read(decision, "EXH001").outcome == "inconclusive"
    assert (decision.next_step is None) == (meaning == "pass")


def paired(low: float, value: float, high: float) -> dict[str, Any]:
    """Return a comparison with the audit aud_1."""
    figure = result().figures["risk"].model_dump() | {"value": value, "low": low, "high": high}
    return {"difference": figure, "audit": "aud_1", "history": [], "sentence": "Said."}


@pytest.mark.parametrize(
    ("tolerance", "low", "value", "expected"),
    [
        ("auto", 0.0, 0.02, "pass"),
        ("auto", 0.001, 0.02, "fail"),
        (0.02, 0.001, 0.02, "pass"),
        (0.02, -0.1, 0.021, "fail"),
        (0, -0.1, 0.0, "pass"),
    ],
)
def test_r_may_rise_by_the_tolerance(tolerance: Any, low: float, value: float, expected: str) -> None:
    found = result(0.0, 0.03, 0.04, regression=paired(low, value, 0.3))
    policy = {"regression": {"tolerance": tolerance}}
    before = [earlier(result())]
    assert outcome(found, "EXH006", policy, earlier=before) == expected
    warning = {"regression": {"tolerance": tolerance, "severity": "warn"}}
    assert outcome(found, "EXH006", warning, earlier=before) == ("warn" if expected == "fail" else "pass")


def test_releases_are_compared_with_the_last_that_passed() -> None:
    policy = {"regression": {"tolerance": 0.0}}
    found = result(0.0, 0.03, 0.04, regression=None)
    lower, higher = earlier(result(0.0, 0.01, 0.02)), earlier(result(0.0, 0.035, 0.04), audit="aud_0")
    assert outcome(found, "EXH006") == "not_asked"
    assert outcome(found, "EXH006", policy) == "pass"
    assert outcome(found, "EXH006", policy, earlier=[higher, lower]) == "fail"
    failed = earlier(result(0.0, 0.01, 0.02), passed=False)
    assert outcome(found, "EXH006", policy, earlier=[higher, failed]) == "pass"


def test_the_paired_difference_of_the_history_is_used_for_an_older_audit() -> None:
    point = {"audit": "aud_0", "version": "0", "verdict": "PASS", "risk": {"value": 0.0, "low": 0.0, "high": 0.1}}
    comparison = paired(0.0, 0.0, 0.0) | {"history": [point | {"difference": paired(0.01, 0.2, 0.3)["difference"]}]}
    found = result(0.0, 0.03, 0.04, regression=comparison)
    policy = {"regression": {}}
    for audit, expected in (("aud_0", "fail"), ("aud_1", "pass")):
        assert outcome(found, "EXH006", policy, earlier=[earlier(result(), audit=audit)]) == expected


def test_audits_that_were_not_paired_are_compared_by_their_intervals() -> None:
    """R rises by 30 points; the ends differ from the values by 0.1 and 0.2, so by 0.224 in all."""
    policy = {"regression": {}}
    found = result(0.2, 0.4, 0.6, regression=None)
    reading = read(decided(found, policy, earlier=[earlier(result(0.0, 0.1, 0.2))]), "EXH006")
    assert reading.outcome == "fail"
    assert reading.figures[0].low == pytest.approx(0.3 - (0.2**2 + 0.1**2) ** 0.5)
    near = decided(found, policy, earlier=[earlier(result(0.0, 0.2, 0.4))])
    assert read(near, "EXH006").outcome == "pass"


def test_an_audit_at_another_evidence_level_cannot_be_compared() -> None:
    before = [earlier(result(evidence_level="evaluator"))]
    decision = decided(result(regression=None), {"regression": {}}, earlier=before)
    assert read(decision, "EXH006").outcome == "inconclusive"
    assert decision.outcome == read(decision, "EXH005").outcome == "fail"


def test_an_identity_that_no_earlier_release_named_is_a_new_finding() -> None:
    found = result(named=("Ada  Lovelace", "Grace"))
    before = [earlier(result(named=("ada lovelace",)), passed=False)]
    assert outcome(found, "EXH007") == "not_asked"
    for severity in ("fail", "warn"):
        assert outcome(found, "EXH007", {"new_findings": severity}, earlier=before) == severity
    known = [*before, earlier(result(named=("Grace",)))]
    assert outcome(found, "EXH007", {"new_findings": "fail"}, earlier=known) == "pass"


def test_names_appear_only_if_the_policy_allows_them() -> None:
    found = result(named=("Ada",))
    hidden = decided(found, {"new_findings": "fail"})
    assert "Ada" not in hidden.model_dump_json()
    assert (hidden.exposed, hidden.names) == (1, None)
    shown = decided(found, {"new_findings": "fail", "name_identities": True})
    assert "Ada" in read(shown, "EXH007").reason
    assert shown.names == ["Ada"]


def test_events_name_nobody_even_if_reports_may() -> None:
    found = result(named=("Ada (1)", "Grace"))
    policy = {"new_findings": "fail", "name_identities": True, "budgets": {"white_box": None}}
    decision = decided(found, policy)
    assert "Ada (1), Grace" in decision.sentence
    assert without_names(decision) == decided(found, policy | {"name_identities": False}).sentence


def test_no_part_of_a_long_or_odd_name_is_left_in_an_event() -> None:
    names = ("Ada " * 100, "Grace\nHopper", "Katherine). J", "x" * 400, "y" * 400, "z" * 400)
    policy = {"new_findings": "fail", "name_identities": True}
    decision = decided(result(named=names), policy)
    assert "Ada Ada" in decision.sentence
    assert without_names(decision) == decided(result(named=names), policy | {"name_identities": False}).sentence


@pytest.mark.parametrize(("age", "expected"), [(30 * DAY - timedelta(seconds=1), "pass"), (30 * DAY, "fail")])
def test_a_verdict_counts_for_the_days_of_the_policy(age: timedelta, expected: str) -> None:
    decision = decided(audited(result(), age=age), {"freshness": {"days": 30}})
    assert read(decision, "EXH008").outcome == expected
    assert decision.until == (NOW - age + 30 * DAY if expected == "pass" else None)


def test_a_verdict_of_another_engine_counts_unless_the_policy_asks() -> None:
    other = audited(result(), newest_engine=OTHER)
    assert outcome(other, "EXH008", {"freshness": {"days": 30}}) == "pass"
    assert outcome(other, "EXH008", {"freshness": {"same_engine": True, "severity": "warn"}}) == "warn"
    assert outcome(result(), "EXH008", {"freshness": {"same_engine": True}}) == "pass"
    assert outcome(other, "EXH008") == "not_asked"


@pytest.mark.parametrize("ending", ["failed", "cancelled"])
def test_an_audit_without_a_result_fails_by_one_rule(ending: str) -> None:
    decision = decided(audited(None, ending=ending, detail="The worker stopped answering."))
    assert (decision.outcome, decision.verdict, decision.risk) == ("fail", None, None)
    assert {one.id for one in decision.rules if one.outcome != "not_asked"} == {"EXH009"}
    assert "The worker stopped answering." in decision.sentence
