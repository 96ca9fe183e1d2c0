"""The verdict fails closed: every missing piece of evidence keeps a low risk from passing."""

from __future__ import annotations

import numpy as np
import pytest

from worker.evaluation.risk import risk
from worker.evaluation.verdict import evidence_level, verdict


def measured(hits, n):
    return risk({"gmi": np.r_[np.ones(hits), np.zeros(n - hits)]}, {"prior": np.zeros(n)})


WHOLE = {"evidence": "verified", "power": 0.8, "contamination_clean": True, "coverage_complete": True}


def test_low_risk_with_everything_shown_passes():
    assert verdict(measured(0, 80), **WHOLE).answer == "PASS"


@pytest.mark.parametrize(
    ("lacking", "word"),
    [
        ({"power": None}, "power"),
        ({"power": 0.3}, "too weak"),
        ({"contamination_clean": None}, "not compared"),
        ({"contamination_clean": False}, "contain private"),
        ({"coverage_complete": False}, "Not every planned identity"),
        ({"evidence": "evaluator"}, "second, independent verifier"),
        ({"evidence": "unreferenced"}, "No private reference"),
    ],
)
def test_low_risk_with_one_thing_missing_is_inconclusive_and_says_what(lacking, word):
    answer = verdict(measured(0, 80), **{**WHOLE, **lacking})
    assert answer.answer == "INCONCLUSIVE"
    assert word in " ".join(answer.reasons)


def test_too_few_identities_are_inconclusive_and_the_number_needed_is_said():
    answer = verdict(measured(0, 30), **WHOLE)
    assert answer.answer == "INCONCLUSIVE"
    assert "59 identities" in " ".join(answer.reasons)
    assert "149 identities" in " ".join(verdict(measured(0, 30), budget=0.02, **WHOLE).reasons)


def test_high_risk_fails_whatever_else_is_missing():
    assert verdict(measured(40, 80), evidence="verified").answer == "FAIL"
    answer = verdict(measured(40, 80), evidence="evaluator")
    assert answer.answer == "FAIL"
    assert "uncalibrated" in " ".join(answer.reasons)


def test_a_risk_around_the_budget_is_inconclusive():
    assert verdict(measured(4, 80), **WHOLE).answer == "INCONCLUSIVE"


def test_nothing_measured_is_inconclusive():
    assert verdict(None, **WHOLE).answer == "INCONCLUSIVE"


def test_evidence_levels():
    assert evidence_level(references=True, verifiers=2, evaluator=False) == "verified"
    assert evidence_level(references=True, verifiers=1, evaluator=True) == "evaluator"
    assert evidence_level(references=True, verifiers=1, evaluator=False) == "unreferenced"
    assert evidence_level(references=False, verifiers=2, evaluator=True) == "unreferenced"
