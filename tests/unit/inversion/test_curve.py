"""Curves of searches: what they say, and that no result depends on them."""

from __future__ import annotations

import dataclasses
import math

import pytest
import torch

from tests.unit.inversion.test_attacks import SHORT
from worker.inversion.attacks import curve as curves
from worker.inversion.attacks import run_attack
from worker.inversion.attacks.curve import Curve


def test_a_point_is_median_and_range_of_all_micro_batches_and_scores_are_rare():
    now = [0.0]
    asked: list[int] = []

    def score(state):
        asked.append(1)
        return state["z"]

    curve = Curve(score, clock=lambda: now[0])
    state = {"z": torch.tensor([-3.0, -1.0, -9.0])}
    found = []
    for at, last in ((0.0, False), (1.0, False), (6.0, False), (6.5, True)):
        now[0] = at
        curve.begin(last=last)
        curve.add([4.0, 2.0], state, rows=2)  # the third row of the state is padding
        curve.add([7.0], state, rows=1)
        found.append(curve.point(25))
    first = found[0]
    assert (first["loss_low"], first["loss_median"], first["loss_high"], first["rows"]) == (2.0, 4.0, 7.0, 3.0)
    assert (first["score_low"], first["score_median"], first["score_high"]) == (-3.0, -3.0, -1.0)
    assert ["score_median" in point for point in found] == [True, False, True, True]


def test_scores_take_a_small_share_of_the_time_of_a_search():
    now, scored = [0.0], []

    def score(state):
        now[0] += 0.5  # so the next one is due after 50 seconds
        scored.append(now[0])
        return state["z"]

    curve = Curve(score, clock=lambda: now[0])
    while now[0] < 1000:
        curve.begin(last=False)
        curve.add([1.0], {"z": torch.tensor([-1.0])}, rows=1)
        curve.point(1)
        now[0] += 4.0
    assert 15 <= len(scored) <= 1000 * curves.SCORE_SHARE / 0.5 + 1


@pytest.mark.parametrize("name", ["gmi", "kedmi", "vmi", "miface", "decoder"])
def test_no_result_depends_on_the_curve(name, target, prior, monkeypatch):
    attack = dataclasses.replace(SHORT[name], setting="baseline", steps=3, check_every=1)
    runs = []
    for seconds in (0.0, 1e9):
        monkeypatch.setattr(curves, "SCORE_SECONDS", seconds)
        monkeypatch.setattr(curves, "SCORE_SHARE", math.inf)
        points = []

        def keep(done, total, figures, points=points):
            if "step" in figures:
                points.append(figures)

        made = run_attack(target, [], prior, None, [3, 1], attack, seed=3, progress=keep)
        runs.append(([one.digest for one in made], [point["loss_median"] for point in points]))
        assert {point["step"] for point in points} == {1.0, 2.0, 3.0}
        scored = [point for point in points if "score_median" in point]
        assert len(scored) == len(points) if seconds == 0 else len(scored) < len(points)
        assert all(point["score_low"] <= point["score_median"] <= point["score_high"] <= 0 for point in scored)
        assert {point.get("part", 0) for point in points} == set(range(4 if name == "decoder" else 1))
    assert runs[0] == runs[1]
