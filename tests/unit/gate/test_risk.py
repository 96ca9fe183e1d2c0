"""EXH001: R is judged again at the budget of the policy, whatever the budget of the plan was."""

from itertools import product
from typing import Any

import pytest

from tests.unit.gate.cases import decided, outcome, read, result

UNDECIDED = {"verdict": "INCONCLUSIVE", "codes": ("bounds_hold_budget",)}


@pytest.mark.parametrize(
    ("low", "high", "budget", "expected"),
    [
        (0.0, 0.0499, 0.05, "pass"),
        (0.0, 0.05, 0.05, "inconclusive"),  # the upper bound must be below the budget
        (0.05, 0.2, 0.05, "inconclusive"),  # the lower bound must be above it
        (0.0501, 0.2, 0.05, "fail"),
        (0.0501, 0.2, 0.3, "pass"),
    ],
)
def test_r_is_judged_by_its_bounds(low: float, high: float, budget: float, expected: str) -> None:
    found = result(low, (low + high) / 2, high, **UNDECIDED)
    assert outcome(found, "EXH001", {"budgets": {"white_box": budget}}) == expected


def test_a_budget_of_the_policy_counts_and_not_that_of_the_plan() -> None:
    passed = result(0.03, 0.035, 0.04)
    assert outcome(passed, "EXH001", {"budgets": {"white_box": 0.02}}) == "fail"
    failed = result(0.1, 0.15, 0.2, verdict="FAIL", codes=("lower_above_budget",))
    assert outcome(failed, "EXH001", {"budgets": {"white_box": 0.3}}) == "pass"


BLOCKING = (
    *("below_floor", "uncalibrated", "verifier_refused", "power_unknown", "power_low", "not_compared", "contaminated"),
    *("sensitivity_unknown", "sensitivity_low", "other", "a code of a later version"),
)


@pytest.mark.parametrize("code", BLOCKING)
def test_a_condition_that_is_not_met_prevents_a_pass_and_no_failure(code: str) -> None:
    found = result(0.0, 0.0, 0.04, verdict="INCONCLUSIVE", codes=(code,))
    reading = read(decided(found), "EXH001")
    assert reading.outcome == "inconclusive"
    assert f"Because of {code}." in reading.reason
    leaking = result(0.2, 0.3, 0.4, verdict="INCONCLUSIVE", codes=(code, "bounds_hold_budget"))
    assert outcome(leaking, "EXH001") == "fail"


@pytest.mark.parametrize(
    "changes",
    [
        {"power": None},
        {"contamination": {"compared": False, "exact": 0, "near": 0, "alike": 0}},
        {"evidence_level": "evaluator"},
    ],
)
def test_a_fail_does_not_pass_at_a_larger_budget_if_it_lacks_a_condition_of_a_pass(changes: dict[str, Any]) -> None:
    """A FAIL does not list what else a PASS needs, so it is derived from the figures."""
    found = result(0.1, 0.15, 0.2, verdict="FAIL", codes=("lower_above_budget",), **changes)
    assert outcome(found, "EXH001", {"budgets": {"white_box": 0.3}}) == "inconclusive"
    assert outcome(found, "EXH001", {"budgets": {"white_box": 0.05}}) == "fail"


@pytest.mark.parametrize(
    "changes",
    [
        {"stopped": {"code": "class_order", "detail": "The names are in another order."}},
        {"codes": ("at_chance",), "verdict": "INCONCLUSIVE"},
        {"evidence_level": "unreferenced"},
        {"coverage": {"planned": 7, "scored": 6, "classes": 8, "every_class": False}},
        {"risk": None},
    ],
)
def test_an_audit_that_judged_nothing_neither_passes_nor_fails(changes: dict[str, Any]) -> None:
    for low, high in ((0.0, 0.01), (0.9, 1.0)):
        found = result(low, low, high, **changes)
        assert outcome(found, "EXH001") == "inconclusive"
        assert decided(found, {"evidence": "unreferenced"}).outcome == "fail"


def test_verifiers_that_disagree_are_judged_at_the_budget_of_the_policy() -> None:
    """One verifier recognises 3 of 60 whom the others do not: 95 % of at least 1.04 %."""
    share = {"low": 0.0, "high": 1.0, "n": 60}
    shown = result().figures["verified"].model_dump()
    figures = {"verified": shown | share | {"value": 0.0}, "verifier_pixels-1": shown | share | {"value": 0.05}}
    found = result(0.0, 0.0, 0.005, figures=figures)
    for budget, expected in ((0.0103, "inconclusive"), (0.0105, "pass")):
        assert outcome(found, "EXH001", {"budgets": {"white_box": budget}}) == expected


def test_an_untested_access_passes_by_the_bound_of_a_stronger_attacker_and_never_fails_by_it() -> None:
    policy = {"budgets": {"white_box": None, "scores": 0.05, "labels": 0.05}}
    safe, leaking = result(0.0, 0.0, 0.04), result(0.5, 0.6, 0.7, verdict="FAIL")
    assert outcome(safe, "EXH001", policy) == "pass"
    assert outcome(leaking, "EXH001", policy) == "inconclusive"
    assert outcome(leaking, "EXH001", {"budgets": {"white_box": 0.05, "scores": 0.05}}) == "fail"


def test_the_worst_kind_of_access_counts_and_every_figure_is_shown() -> None:
    found = result(0.0, 0.01, 0.04)
    for white_box, scores in product((0.03, 0.05), repeat=2):
        reading = read(decided(found, {"budgets": {"white_box": white_box, "scores": scores}}), "EXH001")
        assert reading.outcome == ("pass" if min(white_box, scores) == 0.05 else "inconclusive")
        assert [figure.limit for figure in reading.figures] == [white_box, scores]


def test_without_a_budget_the_risk_is_not_judged_but_a_stopped_audit_stays_undecided() -> None:
    policy = {"budgets": {"white_box": None}}
    assert outcome(result(0.9, 0.9, 1.0, verdict="FAIL"), "EXH001", policy) == "not_asked"
    stopped = result(stopped={"code": "at_chance", "detail": "It guesses."})
    assert outcome(stopped, "EXH005", policy) == "fail"
