"""When the first identities make a verdict certain."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.unit.evaluation.test_portfolio import attack
from worker.evaluation.early_look import certain
from worker.evaluation.portfolio import risk_of
from worker.evaluation.risk import risk
from worker.evaluation.statistics import clopper_pearson


@pytest.fixture(scope="module")
def verification():
    """40 identities, half of them recognised by two verifiers, one by the control."""
    one = attack(list(range(20)), control=[30], n=40)
    return replace(one, readings=one.readings * 2)


def looked(shown, **more):
    return certain(shown, **({"budget": 0.05, "alpha": 0.001, "seed": 0} | more))


def test_a_bound_that_clears_the_budget_is_certain(verification):
    found = looked(verification, budget=0.05)
    strict = risk_of(verification, error=None, seed=0, alpha=0.001)
    assert (found.lower, found.upper) == (strict.lower, strict.upper)
    for budget in (0.01, 0.2, 0.5, 0.9, 0.99):
        expected = "FAIL" if strict.lower > budget else "PASS" if strict.upper < budget else None
        assert looked(verification, budget=budget).certain == expected


def test_fewer_than_two_verifiers_are_never_certain(verification):
    assert looked(None) is None
    assert looked(replace(verification, readings=verification.readings[:1])) is None


@pytest.mark.parametrize("alpha", [0.001, 0.01, 0.05])
def test_bounds_follow_their_error_rate(alpha):
    none = risk({"a": np.zeros(80)}, {}, alpha=alpha)
    assert none.upper == pytest.approx(1 - alpha ** (1 / 80))
    some = np.arange(80) < 30
    found = risk({"a": some.astype(float)}, {}, alpha=alpha)
    exact = clopper_pearson(30, 80, level=1 - 2 * alpha)
    assert (found.lower, found.upper) == pytest.approx(exact, abs=0.02)
