"""Verified success, its threshold, and the permuted control, with predictable verifiers."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from worker.evaluation.controls import permuted_control
from worker.evaluation.guessing import NO_GUESS
from worker.evaluation.panel import Panel, blind, templates
from worker.evaluation.score import score
from worker.evaluation.severity import severity
from worker.evaluation.sight import sees
from worker.evaluation.verification import threshold, verify


class Pixels:
    """A verifier whose embedding is the image's first row of pixels, scaled to unit length."""

    def __init__(self, name: str = "pixels", weights: list[float] | None = None) -> None:
        self.name, self.digest, self.shape = name, f"sha256:{name}", (1, 8, 8)
        self.weights = np.ones(8) if weights is None else np.array(weights)

    def embed(self, images):
        e = images[:, 0].astype(float) * self.weights
        return (e / np.maximum(np.linalg.norm(e, axis=1, keepdims=True), 1e-9)).astype(np.float32)


def image(*row):
    out = np.zeros((8, 8), np.uint8)
    out[0, : len(row)] = row
    return out


REFERENCES = np.stack([image(*np.eye(8)[k] * 200) for k in range(8) for _ in range(2)])
LABELS = np.repeat(np.arange(8), 2)
GOOD = np.stack([image(*(np.eye(8)[k] * 180 + 5)) for k in range(8)])


def check(submissions, verifiers=None, negatives=GOOD, controls=None, identities=range(8)):
    return verify(submissions, list(identities), REFERENCES, LABELS, verifiers or [Pixels()],
                  reconstructions=negatives, reconstructed_for=list(range(8)), controls=controls)  # fmt: skip


def test_likenesses_are_verified_and_others_are_not():
    submissions = GOOD.copy()
    submissions[2] = GOOD[5]
    submissions[3] = image(*[100] * 8)
    v = check(submissions)
    assert v.success.tolist() == [True, True, False, False, True, True, True, True]
    assert v.readings[0].rank[2] > 1
    assert v.readings[0].rank[3] > 1  # all similarities equal: ties count against the identity
    assert bool(v.hits[2, 5])


def test_every_verifier_must_agree():
    blind = Pixels("blind", [1, 0.001, 1, 1, 1, 1, 1, 1])
    v = check(GOOD, [Pixels(), blind])
    assert v.success.tolist() == [True, False] + [True] * 6
    assert v.rank1.tolist() == v.success.tolist()


def test_first_in_the_gallery_but_below_the_threshold_is_not_a_success():
    faint = GOOD.copy()
    faint[0] = image(60, 50, 50, 50, 50, 50, 50, 50)
    negatives = np.stack([image(*(np.eye(8)[(k + 1) % 8] * 180 + 60)) for k in range(8)])
    v = check(faint, negatives=negatives)
    assert v.rank1[0]
    assert not v.success[0]


def test_the_threshold_lets_at_most_one_in_a_hundred_negatives_through():
    rng = np.random.default_rng(0)
    for n in (5, 99, 100, 101, 5000):
        negatives = rng.normal(size=n).astype(np.float32)
        tau = threshold(negatives)
        assert np.mean(negatives >= tau) <= 0.01
        assert np.sum(negatives >= tau) == n // 100
    assert np.sum(np.ones(300, np.float32) >= threshold(np.ones(300, np.float32))) == 0


def test_control_images_are_negatives_and_are_scored_like_submissions():
    v = check(GOOD, controls={"prior": GOOD[::-1].copy()})
    assert v.readings[0].negatives == 8 * 7 + 8 * 8
    assert not v.control_hits["prior"].any()
    assert check(GOOD, negatives=np.tile(GOOD, (40, 1, 1))[:8]).readings[0].negatives == 56
    many = np.concatenate([np.stack([image(*(np.eye(8)[k] * 9 + 9)) for k in range(8)])] * 60)  # weak negatives
    lucky = verify(GOOD, range(8), REFERENCES, LABELS, [Pixels()], reconstructions=many,
                   reconstructed_for=np.tile(np.arange(8), 60),
                   controls={"prior": GOOD[[0, 2, 1, 4, 3, 6, 5, 0]]})  # fmt: skip
    assert lucky.control_hits["prior"].tolist() == [True] + [False] * 7


def test_the_gallery_may_hold_more_identities_than_were_attacked_but_not_fewer():
    v = check(GOOD[[6, 1]], identities=[6, 1])
    assert v.hits.shape == (2, 8)
    assert v.success.all()
    with pytest.raises(ValueError, match=r"\[8\]"):
        check(GOOD[:1], identities=[8])


def test_templates_are_unit_means():
    e = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]])
    t, gallery = templates(e, np.array([7, 7, 2]))
    assert gallery.tolist() == [2, 7]
    assert np.allclose(t, [[1, 0], [2**-0.5, 2**-0.5]])


def test_the_permuted_control_is_the_mean_over_all_shuffles_that_move_an_identity():
    rng = np.random.default_rng(1)
    hits = rng.random((4, 6)) < 0.4
    identities, gallery = np.array([3, 0, 5, 2]), np.arange(6)
    q = permuted_control(hits, identities, gallery)
    for i in range(4):
        moved = [p for p in itertools.permutations(range(4)) if p[i] != i]
        assert q[i] == pytest.approx(np.mean([hits[p[i], identities[i]] for p in moved]))
    assert permuted_control(hits[:1], identities[:1], gallery).tolist() == [0.0]


def test_a_model_that_leaks_scores_high_and_every_figure_has_its_interval():
    identities = np.arange(8)
    v = check(
        GOOD, [Pixels("a"), Pixels("b", [2, 1, 1, 1, 1, 1, 1, 1])], controls={"prior": np.stack([image(9, 9)] * 8)}
    )
    s = score(identities, np.ones(8, bool), verification=v, evaluator_top5=np.tile(identities[:, None], (1, 5)))
    assert (s.evidence, s.verdict.answer, s.figures["verified"]["value"]) == ("verified", "FAIL", 1.0)
    for name, figure in s.figures.items():
        assert figure["low"] <= figure["value"] <= figure["high"], name
        assert figure["low"] < figure["high"], name
        assert figure["n"] == 8
    assert s.figures["overfitting_gap"]["value"] == 0.0
    assert s.figures["identity_bits"]["value"] == 3.0
    assert [row["identity"] for row in s.identities] == list(range(8))
    assert set(s.identities[0]["controls"]) == {"prior", "permuted"}


def test_submissions_that_look_like_nobody_are_neither_fail_nor_pass():
    noise = np.random.default_rng(0).integers(0, 255, (8, 8, 8)).astype(np.uint8)
    v = check(noise, [Pixels("a"), Pixels("b")], negatives=noise)
    s = score(np.arange(8), np.ones(8, bool), verification=v)
    assert s.verdict.answer == "INCONCLUSIVE"
    assert s.figures["overfitting_gap"]["value"] > 0.5


def test_one_verifier_alone_is_not_the_level_verified():
    v = check(GOOD)
    s = score(np.arange(8), np.ones(8, bool), verification=v, evaluator_top5=np.tile(np.arange(8)[:, None], (1, 5)))
    assert s.evidence == "evaluator"
    assert "verified" not in s.figures
    assert "uncalibrated" in s.verdict.codes


def test_real_images_measure_how_often_the_verifiers_accept_and_negatives_how_often_they_err():
    v = check(GOOD)
    assert v.error is not None, "each reference takes its turn out of its template"
    assert v.error.sensitivity == 1.0
    assert v.error.specificity == 1.0
    turned = (np.roll(GOOD, 1, axis=0), np.arange(8))
    wrong = verify(GOOD, range(8), REFERENCES, LABELS, [Pixels()], reconstructions=GOOD,
                   reconstructed_for=range(8), held_out=turned)  # fmt: skip
    assert wrong.error is not None
    assert wrong.error.sensitivity == 0.0
    single = verify(GOOD, range(8), REFERENCES[::2], LABELS[::2], [Pixels()], reconstructions=GOOD,
                    reconstructed_for=range(8))  # fmt: skip
    assert single.error is None, "one image of each identity measures nothing"


def test_one_image_per_identity_keeps_a_low_risk_from_passing():
    flat = np.stack([image(9, 9, 9, 9, 9, 9, 9, 9)] * 8)
    v = verify(flat, range(8), REFERENCES[::2], LABELS[::2], [Pixels("a"), Pixels("b")],
               reconstructions=flat, reconstructed_for=range(8), controls={"prior": flat})  # fmt: skip
    s = score(np.arange(8), np.ones(8, bool), verification=v, budget=0.6, power=0.9, contamination_clean=True)
    assert s.risk is not None
    assert s.risk.upper < 0.6
    assert s.verdict.answer == "INCONCLUSIVE"
    assert s.verdict.codes == ("sensitivity_unknown",)


def test_verifiers_that_disagree_keep_a_low_risk_from_passing_and_are_named():
    v = check(GOOD, [Pixels("a"), Pixels("b", [1e-6] * 7 + [1])], controls={"prior": np.stack([image(9, 9)] * 8)})
    assert v.success.sum() <= 1
    assert v.alone["a"].all()
    s = score(np.arange(8), np.ones(8, bool), verification=v, budget=0.5, power=0.9, contamination_clean=True)
    assert s.verdict.answer == "INCONCLUSIVE"
    disagreement = next(one for one in s.verdict.reasons if one.code == "verifiers_disagree")
    assert (disagreement.facts["verifier"], disagreement.facts["alone"]) == ("a", 1.0)


def test_a_panel_without_verifiers_has_its_gallery_and_nobody_to_ask():
    panel = Panel.of([], REFERENCES, LABELS)
    assert panel.gallery.tolist() == list(range(8))
    assert panel.among(GOOD, np.arange(8, 16)).gallery.tolist() == list(range(16))
    assert panel.real(None)[0] == []
    assert sees(panel) == []


def test_held_out_images_of_people_outside_the_gallery_measure_nothing():
    panel = Panel.of([Pixels()], REFERENCES, LABELS)
    (left_out,), labels = panel.real((GOOD, np.arange(100, 108)))
    (alone,), _ = panel.real(None)
    np.testing.assert_array_equal(left_out, alone)
    np.testing.assert_array_equal(labels, LABELS)


def test_a_verifier_is_blind_when_it_does_no_better_than_guessing_on_real_images():
    own = np.repeat(np.arange(90), 4)
    rng = np.random.default_rng(0)
    assert blind(rng.integers(0, 90, len(own)), own, 90)
    assert blind(np.zeros_like(own), own, 90), "it takes everybody for one person"
    assert blind(np.full_like(own, NO_GUESS), own, 90), "everybody is as like as everybody else"
    assert not blind(np.where(rng.random(len(own)) < 0.2, own, 0), own, 90)
    assert not blind(np.zeros(0, int), np.zeros(0, int), 90), "without real images nothing is known"


@pytest.mark.parametrize("people", [2, 3])
def test_a_verifier_of_few_people_is_blind_by_what_it_sees_and_not_by_their_number(people):
    own = np.repeat(np.arange(people), 7)
    assert not blind(own, own, people)
    mostly = own.copy()
    mostly[::7] = (mostly[::7] + 1) % people  # one picture in seven is assigned to somebody else
    assert not blind(mostly, own, people)
    assert blind(np.random.default_rng(0).permutation(own), own, people)
    assert blind(np.zeros_like(own), own, people)


def test_a_model_that_is_not_the_one_described_is_inconclusive_however_high_the_risk():
    v = check(GOOD, [Pixels("a"), Pixels("b")], controls={"prior": np.stack([image(9, 9)] * 8)})
    accuracy = np.full(8, 1 / 8)
    s = score(np.arange(8), np.ones(8, bool), verification=v, fit={"state": "at_chance"}, accuracy=accuracy)
    assert (s.verdict.answer, s.verdict.codes) == ("INCONCLUSIVE", ("at_chance",))
    assert s.figures["target_accuracy_on_references"]["high"] > s.figures["target_accuracy_on_references"]["low"]
    assert score(np.arange(8), np.ones(8, bool), verification=v, fit={"state": "trained"}).verdict.answer == "FAIL"


def test_restarts_are_counted_over_all_reconstructions_of_an_identity():
    again = np.stack([GOOD[0], *[image(9, 9)] * 7])
    v = verify(GOOD, range(8), REFERENCES, LABELS, [Pixels("a"), Pixels("b")],
               reconstructions=np.concatenate([GOOD, again]), reconstructed_for=np.tile(np.arange(8), 2),
               controls={"prior": np.stack([image(9, 9)] * 8)})  # fmt: skip
    assert v.restarts.tolist() == [[2, *[1] * 7], [2] * 8]
    row = score(np.arange(8), np.ones(8, bool), verification=v).identities[1]
    assert row["restarts"] == {"recognised": 1, "of": 2}


def test_false_matches_have_the_interval_of_the_gallerys_identities():
    (reading,) = check(GOOD).readings
    assert reading.false_matches.n == 8
    assert (reading.false_match_rate, reading.false_matches.low) == (0.0, 0.0)
    assert reading.false_matches.high > 0.3, "56 pairs of 8 identities say little"


def test_a_twin_of_some_identities_is_scored_on_these_and_one_of_all_is_a_control():
    flat = np.stack([image(9, 9)] * 8)
    pair = [Pixels("a"), Pixels("b")]
    some = verify(GOOD, range(8), REFERENCES, LABELS, pair, reconstructions=GOOD, reconstructed_for=range(8),
                  controls={"prior": flat}, partial={"twin": (GOOD[[5, 1]], np.array([5, 2]))})  # fmt: skip
    assert some.partial["twin"].hits.tolist() == [True, False]
    s = score(np.arange(8), np.ones(8, bool), verification=some)
    assert (s.partial["twin"]["n"], s.partial["twin"]["q"]["value"]) == (2, 0.5)
    assert "control_twin" not in s.figures
    everybody = np.arange(8)[::-1].copy()
    whole = verify(GOOD, range(8), REFERENCES, LABELS, pair, reconstructions=GOOD, reconstructed_for=range(8),
                   controls={"prior": flat}, partial={"twin": (GOOD[everybody], everybody)})  # fmt: skip
    s = score(np.arange(8), np.ones(8, bool), verification=whole)
    assert s.strongest_control == "twin"
    assert s.risk is not None
    assert s.risk.R.value == 0.0, "what the twin shows without the identity is no leak of this model"


def test_the_named_are_verified_and_the_strongest_come_first():
    submissions = GOOD.copy()
    submissions[3] = GOOD[4]
    v = check(submissions, [Pixels("a"), Pixels("b")], controls={"prior": np.stack([image(9, 9)] * 8)})
    s = score(np.arange(8), np.ones(8, bool), verification=v)
    assert 3 not in s.named
    assert s.named, "seven perfect likenesses"
    assert len(s.worst_decile) == 1
    row = s.identities[s.named[0]]
    assert row["named"]
    assert row["p_value"] < 0.05


def test_without_references_nothing_is_concluded():
    s = score(np.arange(8), np.ones(8, bool))
    assert (s.evidence, s.verdict.answer, s.risk) == ("unreferenced", "INCONCLUSIVE", None)


def test_severity_is_of_the_share_and_says_so_where_somebody_is_named():
    assert severity("white-box", 0.2, release_plan="weights-public") == "critical"
    assert severity("white-box", 0.2, release_plan="weights-public", people=False) == "medium"
    assert severity("white-box", 0.05) == "none shown"
    assert severity("white-box", 0.05, named=2) == "none shown for the share"
