"""Intervals: exact binomial bounds, the paired bootstrap, and the risk on planted truth."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from worker.evaluation.risk import excess, risk
from worker.evaluation.statistics import clopper_pearson, mean_difference, resampling_weights, share


@pytest.mark.parametrize(("hits", "n"), [(3, 20), (50, 100), (99, 100)])
def test_clopper_pearson_bounds_are_where_the_binomial_tails_are_a_fortieth(hits, n):
    low, high = clopper_pearson(hits, n)
    assert binom.sf(hits - 1, n, low) == pytest.approx(0.025, abs=1e-9)
    assert binom.cdf(hits, n, high) == pytest.approx(0.025, abs=1e-9)


def test_clopper_pearson_at_the_ends():
    assert clopper_pearson(0, 10)[0] == 0.0
    assert clopper_pearson(10, 10)[1] == 1.0
    assert clopper_pearson(0, 0) == (0.0, 1.0)
    assert clopper_pearson(0, 59, level=0.90)[1] < 0.05 < clopper_pearson(0, 58, level=0.90)[1]


def test_share_counts():
    s = share(np.array([True, False, True, True]))
    assert (s.value, s.n) == (0.75, 4)
    assert s.low < 0.75 < s.high


def test_resamples_are_resamples():
    w = resampling_weights(7, resamples=50, seed=1)
    assert np.allclose(w.sum(1), 1)
    assert np.allclose(w * 7, np.round(w * 7), atol=1e-5)
    assert np.array_equal(w, resampling_weights(7, resamples=50, seed=1))
    assert not np.array_equal(w, resampling_weights(7, resamples=50, seed=2))


def test_pairing_narrows_the_interval_of_a_difference():
    rng = np.random.default_rng(0)
    a = (rng.random(200) < 0.5).astype(float)
    same = mean_difference(np.clip(a + (rng.random(200) < 0.05), 0, 1), a)
    shuffled = mean_difference(rng.permutation(a), a)
    assert same.high - same.low < (shuffled.high - shuffled.low) / 2


def test_excess_is_the_share_beyond_the_control():
    assert excess(0.6, 0.2) == pytest.approx(0.5)
    assert excess(0.1, 0.2) == 0.0
    assert excess(1.0, 1.0) == 0.0


def planted(p, q, n, seed):
    rng = np.random.default_rng(seed)
    return (rng.random(n) < p).astype(float), (rng.random(n) < q).astype(float)


def test_the_intervals_cover_the_truth_as_often_as_they_say():
    covered = 0
    for seed in range(300):
        s, c = planted(0.5, 0.1, 100, seed)
        found = risk({"gmi": s}, {"prior": c}, resamples=1000, seed=seed)
        covered += found.R.low <= (0.5 - 0.1) / 0.9 <= found.R.high
    assert 0.91 <= covered / 300 <= 0.985


def test_a_risk_without_leak_has_a_lower_bound_of_zero():
    above = sum(risk({"gmi": s}, {"prior": c}, resamples=500, seed=i).lower > 0.05
                for i in range(100) for s, c in [planted(0.1, 0.1, 100, i)])  # fmt: skip
    assert above <= 5


def test_no_hits_give_an_upper_bound_from_the_binomial_and_not_zero():
    zero = np.zeros(59)
    found = risk({"gmi": zero}, {"prior": zero})
    assert (found.p.value, found.R.value, found.lower) == (0.0, 0.0, 0.0)
    assert 0.04 < found.upper < 0.05
    assert found.p.high == pytest.approx(clopper_pearson(0, 59)[1])


def test_all_hits_give_a_lower_bound_below_one():
    found = risk({"gmi": np.ones(30)}, {"prior": np.zeros(30)})
    assert found.R.value == found.upper == 1.0
    assert 0.8 < found.lower < 1.0


def test_the_strongest_attack_and_control_are_taken_inside_each_resample():
    rng = np.random.default_rng(3)
    attacks = {name: (rng.random(60) < 0.4).astype(float) for name in "abcdef"}
    together = risk(attacks, {"prior": np.zeros(60)}, seed=1)
    alone = [risk({k: v}, {"prior": np.zeros(60)}, seed=1) for k, v in attacks.items()]
    assert together.p.value == max(a.p.value for a in alone)
    assert together.upper >= max(a.upper for a in alone)
    assert together.lower > max(a.lower for a in alone) - 1e-9
    assert together.strongest_attack == max(attacks, key=lambda k: attacks[k].mean())


def test_a_stronger_control_lowers_the_risk():
    s = np.r_[np.ones(30), np.zeros(30)]
    weak, strong = np.zeros(60), np.r_[np.zeros(45), np.ones(15)]
    both = risk({"gmi": s}, {"prior": weak, "permuted": strong})
    assert both.strongest_control == "permuted"
    assert both.R.value == pytest.approx((0.5 - 0.25) / 0.75)
    assert both.R.value < risk({"gmi": s}, {"prior": weak}).R.value


def test_unequal_identities_are_refused():
    with pytest.raises(ValueError, match="identities"):
        risk({"gmi": np.ones(3)}, {"prior": np.ones(2)})
