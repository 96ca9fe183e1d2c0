"""Several attacks on the same identities: whom they expose together, against which controls."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from worker.evaluation.exposure import Exposures
from worker.evaluation.portfolio import combined, common_error, controls_of, risk_of, union
from worker.evaluation.rates import VerifierError
from worker.evaluation.risk import Risk, risk
from worker.evaluation.statistics import share
from worker.evaluation.verdict import verdict
from worker.evaluation.verification import Verification, VerifierReading

N, RESAMPLES = 10, 400
NOBODY: list[int] = []


def attack(found: list[int], control: list[int] = NOBODY, *, n: int = N, margin: float = 0.2, tau: float = 0.5):
    """An attack that exposes `found`, and a control that shows `control`."""
    success, of_control = (np.isin(np.arange(n), some) for some in (found, control))
    similarity = np.zeros((n, n))
    np.fill_diagonal(similarity, np.where(success, tau + margin, tau - margin))
    rank = np.where(success, 1, 2)
    reading = VerifierReading("v", "sha256:v", similarity, rank, tau, 90, share(np.zeros(n, bool)))
    p = np.where(success, 0.001, 0.9)
    return Verification(
        identities=np.arange(n),
        gallery=np.arange(n),
        readings=(reading,),
        hits=np.diag(success),
        success=success,
        rank1=success,
        alone={"v": success},
        control_hits={"prior": of_control},
        exposures=Exposures(np.where(success, 5.0, 0.0), p, success, np.array([0])),
        restarts=np.stack([success.astype(int), np.full(n, 4)]),
    )


def test_attacks_that_find_other_people_expose_them_all() -> None:
    """S = 5 of 10, Q = 2 of 10: R = (0.5 - 0.2) / (1 - 0.2) = 0.375. No attack has it alone."""
    both = union([attack([0, 1, 2], control=[0]), attack([3, 4], control=[9])])
    np.testing.assert_array_equal(both.success, np.arange(N) < 5)
    found = risk_of(both, error=None, seed=0)
    assert (found.p.value, found.q.value) == (0.5, 0.2)
    assert found.R.value == pytest.approx(0.375)
    assert found.strongest_control == "prior"
    alone = [
        risk_of(attack([0, 1, 2], control=[0]), error=None, seed=0),
        risk_of(attack([3, 4], [9]), error=None, seed=0),
    ]
    assert [one.R.value for one in alone] == [pytest.approx(0.2 / 0.9), pytest.approx(0.1 / 0.9)]


def test_the_order_of_the_attacks_changes_nothing_but_their_numbers() -> None:
    one, other = attack([0, 1, 2], [0]), attack([2, 3], [9], margin=0.3)
    forth, back = union([one, other]), union([other, one])
    assert risk_of(forth, error=None, seed=0) == risk_of(back, error=None, seed=0)
    np.testing.assert_array_equal(forth.chosen, 1 - back.chosen)
    np.testing.assert_array_equal(forth.exposures.p_value, back.exposures.p_value)


def test_an_identity_is_read_from_the_attack_that_shows_it_best_with_the_threshold_of_that_attack() -> None:
    both = union([attack([0, 1], tau=0.5), attack([1, 2], margin=0.3, tau=0.6)])
    np.testing.assert_array_equal(both.chosen[:3], [0, 1, 1])
    [reading] = both.readings
    assert [reading.threshold_of(k) for k in range(3)] == [0.5, 0.6, 0.6]
    np.testing.assert_allclose(reading.similarity[[0, 1, 2], [0, 1, 2]], [0.7, 0.9, 0.9])
    np.testing.assert_array_equal(reading.rank[:4], [1, 1, 1, 2])
    np.testing.assert_array_equal(both.by_attack[:, :3], [[True, True, False], [False, True, True]])
    np.testing.assert_array_equal(both.restarts[:, 1], [2, 8])


def test_a_name_needs_a_p_value_that_stands_for_as_many_attacks() -> None:
    one = attack([0])
    weak = replace(one, exposures=replace(one.exposures, p_value=np.where(one.success, 0.004, 0.9)))
    assert weak.exposures.named[0]
    assert union([weak, attack(NOBODY)]).exposures.p_value[0] == pytest.approx(0.008)
    assert not union([weak, attack(NOBODY)]).exposures.named[0], "0.008 > 0.05 / 10"


def test_the_same_attack_twice_adds_nothing() -> None:
    one = attack([0, 1, 2], [0])
    assert risk_of(union([one, one]), error=None, seed=0) == risk_of(one, error=None, seed=0)


def test_the_control_has_as_many_images_as_the_attacks() -> None:
    """Otherwise a model that knows nobody would fail: two tries by chance against one."""
    fails, unfair = 0, 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        lucky = [np.flatnonzero(rng.random(100) < 0.15).tolist() for _ in range(4)]
        tries = [attack(lucky[0], lucky[2], n=100), attack(lucky[1], lucky[3], n=100)]
        S, Q = union(tries), controls_of(union(tries))
        fails += fails_with(risk({"union": S.success}, Q, resamples=RESAMPLES, seed=seed))
        unfair += fails_with(risk({"union": S.success}, controls_of(tries[0]), resamples=RESAMPLES, seed=seed))
    assert fails / 200 <= 0.05
    assert unfair / 200 > 0.2


def fails_with(found: Risk) -> bool:
    return verdict(found, evidence="verified", power=0.9, contamination_clean=True).answer == "FAIL"


def test_images_that_fit_somebody_else_count_against_the_union() -> None:
    """The permuted control is that of both attacks: each makes one image that fits everybody."""
    fits_0, fits_1 = (np.zeros((N, N), bool) for _ in range(2))
    fits_0[1, 0] = fits_1[0, 1] = True
    both = union([replace(attack(NOBODY), hits=fits_0), replace(attack(NOBODY), hits=fits_1)])
    np.testing.assert_allclose(controls_of(both)["permuted"][:3], [1 / 9, 1 / 9, 0])


@pytest.mark.parametrize("same", [True, False])
def test_bounds_of_a_union_hold_whether_the_attacks_show_the_same_people_or_others(same: bool) -> None:
    """Each of 100 identities is exposed with p = 0.4. Verifiers accept 80 % of real images."""
    n, p, sens, below, above = 100, 0.4, 0.8, 0, 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        exposed = rng.random(n) < p
        shows = [exposed, exposed] if same else [exposed & (np.arange(n) % 2 == at) for at in range(2)]
        accepted = (rng.random((100, 5)) < sens).mean(1)
        tries = [
            replace(attack(np.flatnonzero(one & (rng.random(n) < sens)).tolist(), n=n), error=error(accepted))
            for one in shows
        ]
        found = risk({"union": union(tries).success}, {}, error=common_error(tries), resamples=RESAMPLES, seed=seed)
        below += found.lower > p
        above += found.upper < p
    assert below / 200 <= 0.08, "5 %, and twice the error of 200 trials"
    assert above / 200 <= 0.08


def error(accepted: np.ndarray) -> VerifierError:
    return VerifierError(accepted, np.zeros(N))


def test_one_of_two_images_is_missed_less_often_and_mistaken_more_often() -> None:
    once = VerifierError(np.full(4, 0.8), np.full(4, 0.1))
    both = VerifierError.any_of([once, VerifierError(np.full(4, 0.6), np.full(4, 0.2))])
    assert both.sensitivity == pytest.approx(1 - 0.2 * 0.4)
    assert both.specificity == pytest.approx(0.9 * 0.8)
    assert both.once is not None
    assert (both.once.sensitivity, both.once.specificity) == (pytest.approx(0.6), pytest.approx(0.9))


def test_the_sensitivity_of_a_result_is_that_of_one_image() -> None:
    tries = [replace(attack([0, 1]), error=error(np.full(8, 0.8))) for _ in range(2)]
    found = risk_of(union(tries), error=common_error(tries), seed=0)
    assert found.sensitivity is not None
    assert found.sensitivity.value == pytest.approx(0.8)
    assert found.R.value == pytest.approx(0.2 / 0.96)
    assert found.R.high > 0.2 / 0.8


def test_the_strongest_attack_counts_alone_but_is_the_strongest_of_every_resample() -> None:
    tries = [attack([0, 1], [0]), attack([2, 3, 4], [9])]
    shown, rivals = combined(tries, "strongest")
    assert (shown, rivals) == (tries[1], (tries[0],))
    found = risk_of(shown, rivals, error=None, seed=0)
    by_hand = risk(
        {"b": tries[1].success, "a": tries[0].success},
        {"p": tries[1].control_hits["prior"], "0": np.zeros(N), "q": tries[0].control_hits["prior"], "1": np.zeros(N)},
    )
    assert (found.R, found.lower, found.upper) == (by_hand.R, by_hand.lower, by_hand.upper)
    assert (found.p.value, found.strongest_control) == (0.3, "prior")


def test_attacks_on_other_identities_have_no_union() -> None:
    with pytest.raises(ValueError, match="same identities"):
        union([attack([0]), attack([0], n=9)])
