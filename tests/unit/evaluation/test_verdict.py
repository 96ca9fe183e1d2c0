"""The verdict fails closed: a low risk does not pass if any evidence is missing."""

from __future__ import annotations

import numpy as np
import pytest

from worker.evaluation.rates import VerifierError
from worker.evaluation.risk import risk
from worker.evaluation.verdict import evidence_level, verdict


def measured(hits, n, *, sensitivity=None):
    error = None
    if sensitivity is not None:
        accepted = np.r_[np.ones(round(100 * sensitivity)), np.zeros(round(100 * (1 - sensitivity)))]
        error = VerifierError(accepted, np.zeros(n))
    return risk({"gmi": np.r_[np.ones(hits), np.zeros(n - hits)]}, {"prior": np.zeros(n)}, error=error)


WHOLE = {"evidence": "verified", "power": 0.8, "contamination_clean": True, "fit": {"state": "trained"}}


def test_low_risk_with_everything_shown_passes():
    answer = verdict(measured(0, 80), **WHOLE)
    assert (answer.answer, answer.codes) == ("PASS", ("upper_below_budget",))
    assert answer.reasons[0].facts["upper"] < answer.budget


@pytest.mark.parametrize(
    ("lacking", "code"),
    [
        ({"power": None}, "power_unknown"),
        ({"power": 0.3}, "power_low"),
        ({"contamination_clean": None}, "not_compared"),
        ({"contamination_clean": False}, "contaminated"),
        ({"missing": 2}, "not_covered"),
        ({"evidence": "evaluator"}, "uncalibrated"),
        ({"evidence": "unreferenced", "references": False}, "no_references"),
        ({"evidence": "unreferenced"}, "no_judge"),
        ({"fit": {"state": "below_floor"}}, "below_floor"),
        ({"verifiers_measured": False}, "sensitivity_unknown"),
        ({"disagreement": {"verifier": "a", "alone": 0.9, "together": 0.1}}, "verifiers_disagree"),
        ({"refused": [{"verifier": "a", "why": "it guesses"}]}, "verifier_refused"),
    ],
)
def test_low_risk_with_one_thing_missing_is_inconclusive_and_says_what(lacking, code):
    answer = verdict(measured(0, 80), **{**WHOLE, **lacking})
    assert answer.answer == "INCONCLUSIVE"
    assert code in answer.codes


def test_verifiers_that_miss_most_real_images_cannot_show_safety():
    answer = verdict(measured(0, 400, sensitivity=0.4), **WHOLE)
    assert (answer.answer, answer.codes) == ("INCONCLUSIVE", ("sensitivity_low",))


def test_too_few_identities_are_inconclusive():
    assert verdict(measured(0, 30), **WHOLE).codes == ("bounds_hold_budget",)


def test_high_risk_fails_whatever_else_is_missing():
    assert verdict(measured(40, 80), evidence="verified").answer == "FAIL"
    answer = verdict(measured(40, 80), evidence="evaluator")
    assert (answer.answer, answer.codes) == ("FAIL", ("lower_above_budget", "uncalibrated"))


@pytest.mark.parametrize("state", ["at_chance", "class_order", "input_convention"])
@pytest.mark.parametrize("hits", [0, 40])
def test_a_model_that_is_not_the_one_described_is_neither_fail_nor_pass(state, hits):
    answer = verdict(measured(hits, 80), **{**WHOLE, "fit": {"state": state}})
    assert (answer.answer, answer.codes) == ("INCONCLUSIVE", (state,))
    assert verdict(None, evidence="unreferenced", fit={"state": state}).codes == (state,)


def test_below_the_floor_a_model_may_fail():
    below = {**WHOLE, "fit": {"state": "below_floor"}}
    assert verdict(measured(40, 80), **below).answer == "FAIL"
    assert verdict(measured(0, 10_000), budget=0.9, **below).answer == "INCONCLUSIVE", "at any budget"


def test_a_risk_around_the_budget_is_inconclusive():
    assert verdict(measured(4, 80), **WHOLE).answer == "INCONCLUSIVE"


def test_without_a_measured_risk_the_verdict_is_inconclusive():
    assert verdict(None, **WHOLE).answer == "INCONCLUSIVE"


def test_evidence_levels():
    assert evidence_level(references=True, verifiers=2, evaluator=False) == "verified"
    assert evidence_level(references=True, verifiers=1, evaluator=True) == "evaluator"
    assert evidence_level(references=True, verifiers=1, evaluator=False) == "unreferenced"
    assert evidence_level(references=False, verifiers=2, evaluator=True) == "unreferenced"
