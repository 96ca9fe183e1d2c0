"""Intervals: exact binomial bounds, the paired bootstrap, and the risk on planted truth."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import beta, binom, bootstrap, false_discovery_control, kstest

from app.statistics.excess import excess
from worker.evaluation.rates import VerifierError, corrected
from worker.evaluation.risk import risk
from worker.evaluation.simulation import Truth, simulate
from worker.evaluation.statistics import (
    benjamini_hochberg,
    clopper_pearson,
    mean,
    mean_difference,
    ratio_of_sums,
    resampled_sums,
    share,
)


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


def test_the_bootstrap_of_a_share_is_a_dirichlet_mean():
    hits = np.r_[np.ones(12), np.zeros(28)]
    means = resampled_sums(hits[None], resamples=40_000, rng=np.random.default_rng(0)).means()[:, 0]
    assert kstest(means, beta(12, 28).cdf).statistic < 0.01
    again = resampled_sums(hits[None], resamples=50, rng=np.random.default_rng(1)).means()
    assert np.array_equal(again, resampled_sums(hits[None], resamples=50, rng=np.random.default_rng(1)).means())


def test_all_quantities_of_an_identity_share_its_weight():
    x = np.random.default_rng(0).normal(size=50)
    means = resampled_sums(np.stack([x, 2 * x]), resamples=200, rng=np.random.default_rng(1)).means()
    assert np.allclose(means[:, 1], 2 * means[:, 0], atol=1e-5)


def test_the_interval_of_a_mean_agrees_with_scipy():
    x = np.random.default_rng(4).exponential(size=300)
    ours = mean(x)
    theirs = bootstrap((x,), np.mean, rng=np.random.default_rng(0), method="percentile").confidence_interval
    assert ours.value == pytest.approx(x.mean())
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=0.01)


@pytest.mark.parametrize("seed", range(5))
def test_benjamini_hochberg_agrees_with_scipy(seed):
    p = np.random.default_rng(seed).beta(0.3, 1, size=60)
    assert np.array_equal(benjamini_hochberg(p), false_discovery_control(p) <= 0.05)
    assert not benjamini_hochberg(np.full(5, 0.9)).any()
    assert benjamini_hochberg(np.zeros(0)).shape == (0,)


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


def test_the_gates_bounds_are_clopper_and_pearsons_for_one_attack_without_control():
    for hits in (0, 1, 7, 40, 60):
        found = risk({"gmi": np.r_[np.ones(hits), np.zeros(60 - hits)]}, {})
        exact = clopper_pearson(hits, 60, level=0.90)
        assert (found.lower, found.upper) == pytest.approx(exact, abs=0.004)


def test_the_strongest_attack_and_control_are_taken_inside_each_resample():
    rng = np.random.default_rng(3)
    attacks = {name: (rng.random(60) < 0.4).astype(float) for name in "abcdef"}
    together = risk(attacks, {"prior": np.zeros(60)}, seed=1)
    alone = [risk({k: v}, {"prior": np.zeros(60)}, seed=1) for k, v in attacks.items()]
    assert together.p.value == max(a.p.value for a in alone)
    assert together.p.low > max(a.p.low for a in alone)
    assert together.upper >= max(a.upper for a in alone)
    assert together.strongest_attack == max(attacks, key=lambda k: attacks[k].mean())


def test_the_best_of_many_attacks_is_not_taken_at_face_value():
    """Of six equal attacks one always looks strongest. The bound must allow for this choice."""
    above = 0
    for seed in range(150):
        rng = np.random.default_rng(seed)
        attacks = {name: (rng.random(60) < 0.3).astype(float) for name in "abcdef"}
        above += risk(attacks, {}, resamples=400, seed=seed).lower > 0.3
    assert above / 150 <= 0.05


def test_verifiers_that_miss_likenesses_and_see_some_that_are_none_are_corrected_for():
    rng = np.random.default_rng(0)
    truth = Truth(0.4, q=0.1, sensitivity=0.8, specificity=0.97, images=20, measured_on=2000)
    audit = simulate(truth, identities=4000, rng=rng)
    controls = {"prior": audit.control, "permuted": audit.permuted}
    plain = risk({"gmi": audit.success}, controls, resamples=200)
    mended = risk({"gmi": audit.success}, controls, error=audit.error, resamples=200)
    assert mended.corrected_p is not None
    assert mended.corrected_q is not None
    assert mended.corrected_p.value == pytest.approx(0.4, abs=0.02)
    assert mended.corrected_q.value == pytest.approx(0.1, abs=0.02)
    for one in (mended.corrected_p, mended.corrected_q, mended.sensitivity, mended.specificity, mended.uncorrected):
        assert one is not None
        assert one.low < one.value < one.high
    assert mended.R.value == pytest.approx(truth.R, abs=0.03)
    assert plain.R.value < truth.R - 0.03
    assert mended.uncorrected.value == pytest.approx(plain.R.value)
    assert mended.R.high - mended.R.low > plain.R.high - plain.R.low


def test_a_control_that_errs_alike_cancels_and_a_blind_verifier_cannot_be_corrected_for():
    blind = VerifierError(np.full(20, 0.1), np.full(20, 0.1))
    assert not blind.usable
    with pytest.raises(ValueError, match="chance"):
        risk({"gmi": np.ones(20)}, {}, error=blind)
    assert corrected(0.03, 0.8, 0.97) == 0.0
    assert corrected(0.8, 0.8, 0.97) == 1.0


def test_for_this_model_alone_the_interval_shrinks_by_what_was_audited_and_not_by_the_error_of_the_verifiers():
    hits = np.r_[np.ones(12), np.zeros(28)]
    found = risk({"gmi": hits}, {})
    assert found.finite_population(40) is None, "of a census no interval of the sample is left, and none is claimed"
    low, high = found.finite_population(160)
    assert (high - low) == pytest.approx((found.R.high - found.R.low) * 0.75**0.5)
    error = VerifierError(np.r_[np.ones(16), np.zeros(8)], np.zeros(40))
    mended = risk({"gmi": hits}, {}, error=error)
    low, high = mended.finite_population(41)
    assert high - low > 0.1, "one identity is left, and how many the verifiers miss is as unknown as before"
    assert high - low < mended.R.high - mended.R.low


@pytest.mark.parametrize(
    ("hits", "control", "accepted"), [(8, 0, 4), (8, 0, 8), (0, 8, 8), (1, 8, 8), (0, 0, 8), (8, 8, 2)]
)
def test_no_interval_of_a_few_identities_is_without_width(hits, control, accepted):
    """All of 8 identities, at a sensitivity of a half, gave 100 % (100 % to 100 %)."""
    S, Q, A = (np.r_[np.ones(n), np.zeros(8 - n)] for n in (hits, control, accepted))
    found = risk({"gmi": S}, {"prior": Q}, error=VerifierError(A, np.full(8, 0.01)), resamples=2000)
    figures = (found.p, found.q, found.R, found.uncorrected, found.corrected_p, found.corrected_q, found.sensitivity)
    for one in (*figures, found.specificity):
        assert one is not None
        assert one.low <= one.value <= one.high
        assert one.high - one.low > 0.01


@pytest.mark.parametrize("value", [0.0, 0.4, 1.0])
def test_identities_that_agree_leave_the_interval_of_a_mean_open(value):
    found = mean(np.full(8, value), within=(0, 1))
    assert found.value == pytest.approx(value)
    assert found.high - found.low > 0.05
    if value in (0.0, 1.0):
        assert (found.low, found.high) == pytest.approx(clopper_pearson(round(8 * value), 8))
    gap = mean_difference(np.full(8, value), np.full(8, value), within=(-1, 1))
    assert gap.low < 0.0 < gap.high


def test_a_mean_over_images_has_the_interval_of_its_identities():
    sums, counts = np.array([10.0, 0.0, 0.0, 10.0]), np.array([10, 10, 10, 10])
    found = ratio_of_sums(sums, counts, most=1.0)
    assert (found.value, found.n) == (0.5, 4)
    assert found.high - found.low > 0.6, "40 images of four identities are four observations"
    assert ratio_of_sums(np.array([9.0, 0.0]), np.array([9, 1]), most=1.0).value == 0.9, "more images weigh more"


def test_a_stronger_control_lowers_the_risk():
    s = np.r_[np.ones(30), np.zeros(30)]
    weak, strong = np.zeros(60), np.r_[np.zeros(45), np.ones(15)]
    both = risk({"gmi": s}, {"prior": weak, "permuted": strong})
    assert both.strongest_control == "permuted"
    assert both.R.value == pytest.approx((0.5 - 0.25) / 0.75)
    assert both.R.value < risk({"gmi": s}, {"prior": weak}).R.value


def test_unequal_identities_are_rejected():
    with pytest.raises(ValueError, match="identities"):
        risk({"gmi": np.ones(3)}, {"prior": np.ones(2)})
