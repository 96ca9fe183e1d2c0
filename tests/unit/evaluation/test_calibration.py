"""Error rates of the statistics on simulated audits; `bench.truth.calibration` covers more."""

from __future__ import annotations

import numpy as np
import pytest

from worker.evaluation.risk import risk
from worker.evaluation.simulation import Truth, memorising, simulate
from worker.evaluation.verdict import verdict

IDENTITIES, RESAMPLES = 100, 400


@pytest.mark.parametrize(("sensitivity", "audits"), [(None, 1000), (0.87, 500)])
@pytest.mark.parametrize("p", [0.05, 0.2, 0.5, 0.9])
def test_the_95_percent_interval_covers_the_truth_93_to_97_percent_of_the_time(p, sensitivity, audits):
    truth = Truth(p, sensitivity=sensitivity)
    covered = 0
    for seed in range(audits):
        audit = simulate(truth, identities=IDENTITIES, rng=np.random.default_rng([seed, round(100 * p)]))
        controls = {"prior": audit.control, "permuted": audit.permuted} if sensitivity else {"prior": audit.control}
        found = risk({"gmi": audit.success}, controls, error=audit.error, resamples=RESAMPLES, seed=seed)
        covered += found.R.low <= truth.R <= found.R.high
    assert 0.93 <= covered / audits <= 0.97


def test_a_model_of_other_people_fails_at_most_five_percent_of_the_time_even_with_four_attacks():
    """All succeed by chance alike, at a rate at which one often looks above the budget."""
    fails = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        luck = [(rng.random(IDENTITIES) < 0.08).astype(float) for _ in range(6)]
        measured = risk(
            {f"attack {i}": s for i, s in enumerate(luck[:4])},
            {"prior": luck[4], "nearest-public": luck[5]},
            resamples=RESAMPLES,
            seed=seed,
        )
        fails += verdict(measured, evidence="verified", power=0.9, contamination_clean=True).answer == "FAIL"
    assert fails / 200 <= 0.05


def test_a_planted_leak_of_30_percent_is_found_at_100_identities():
    found = 0
    for seed in range(100):
        audit = simulate(Truth(0.3, sensitivity=0.87), identities=IDENTITIES, rng=np.random.default_rng(seed))
        controls = {"prior": audit.control, "permuted": audit.permuted}
        measured = risk({"gmi": audit.success}, controls, error=audit.error, resamples=RESAMPLES, seed=seed)
        found += verdict(measured, evidence="verified").answer == "FAIL"
    assert found / 100 > 0.95


def test_the_memorised_identities_are_named_and_hardly_any_other():
    right = named = memorised = 0
    for seed in range(20):
        model = memorising(0.3, identities=IDENTITIES, rng=np.random.default_rng(seed))
        right += int((model.found.named & model.memorised).sum())
        named += int(model.found.named.sum())
        memorised += int(model.memorised.sum())
    assert right / named >= 0.9
    assert right / memorised >= 0.9


def test_where_nobody_is_memorised_hardly_anybody_is_named():
    names = [int(memorising(0.0, identities=60, rng=np.random.default_rng(s)).found.named.sum()) for s in range(40)]
    assert np.mean(np.array(names) > 0) <= 0.10


def test_p_values_are_uniform_where_nobody_is_memorised():
    p = np.concatenate([memorising(0.0, identities=60, rng=np.random.default_rng(s)).found.p_value for s in range(40)])
    for level in (0.05, 0.2, 0.5):
        assert np.mean(p <= level) == pytest.approx(level, abs=0.03)


def test_the_worst_decile_holds_the_strongest():
    found = memorising(0.3, identities=45, rng=np.random.default_rng(1)).found
    assert len(found.worst_decile) == 5
    assert found.strength[found.worst_decile].min() >= np.delete(found.strength, found.worst_decile).max()
