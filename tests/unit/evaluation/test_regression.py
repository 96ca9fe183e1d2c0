"""Regression: equal outcomes, a change in either direction, and coverage of the interval."""

from __future__ import annotations

import numpy as np
import pytest

from app.statistics.paired import Exposed, regression


def exposed(rng: np.random.Generator, people: int, p: float, q: float = 0.02) -> Exposed:
    return Exposed(rng.random(people) < p, {"prior": rng.random(people) < q})


def test_the_same_outcomes_differ_by_nothing_with_an_open_interval():
    one = exposed(np.random.default_rng(0), 100, 0.3)
    found = regression(one, one)
    assert (found.value, found.n) == (0.0, 100)
    assert -0.06 < found.low < 0 < found.high < 0.06


def test_a_worse_release_is_found_and_the_sign_says_which():
    rng = np.random.default_rng(1)
    old, new = exposed(rng, 200, 0.1), exposed(rng, 200, 0.4)
    assert regression(new, old).low > 0.1
    assert regression(old, new).high < -0.1


def test_the_interval_covers_the_true_difference():
    rng, inside = np.random.default_rng(2), 0
    for _ in range(200):
        found = regression(exposed(rng, 80, 0.35, 0.0), exposed(rng, 80, 0.2, 0.0), resamples=1000)
        inside += found.low <= 0.15 <= found.high
    assert inside >= 182, f"{inside} of 200"


def test_controls_that_were_not_measured_for_everybody_are_left_out():
    found = Exposed.of([(True, {"prior": 1.0, "twin": 0.0}), (False, {"prior": 0.5})])
    assert found.success.tolist() == [1.0, 0.0]
    assert {name: values.tolist() for name, values in found.controls.items()} == {"prior": [1.0, 0.5]}


@pytest.mark.parametrize("people", [0, 5])
def test_other_people_are_rejected(people):
    with pytest.raises(ValueError, match="same people"):
        regression(Exposed(np.ones(people), {}), Exposed(np.ones(0), {}))
