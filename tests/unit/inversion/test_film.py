"""Films of searches: what they show, and that no result depends on them."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from tests.unit.inversion.test_attacks import SHORT
from worker.inversion.attacks import run_attack
from worker.inversion.attacks.film import FRAMES, Film, frames_of


@pytest.mark.parametrize(
    ("name", "selection"),
    [
        *((name, "augmented") for name in ("gmi", "kedmi", "vmi", "miface", "decoder")),
        *((name, "consensus") for name in ("gmi", "miface")),  # one with a prior and one without
    ],
)
def test_a_film_ends_with_its_reconstruction_and_changes_none(name, selection, target, prior):
    attack = dataclasses.replace(SHORT[name], setting="baseline", steps=4, check_every=1, selection=selection)
    plain, filmed = (
        run_attack(target, (), prior, None, [2, 0], attack, seed=3, filmed=filmed) for filmed in (False, True)
    )
    assert [one.digest for one in plain] == [one.digest for one in filmed]
    assert all(one.film is None for one in plain)
    films = [one for one in filmed if one.film is not None]
    assert [one.identity for one in films] == [2, 0]
    for one in films:
        own = [other for other in filmed if other.identity == one.identity and other.restart < attack.restarts]
        assert one.target_score == max(other.target_score for other in own)
        assert one.film.steps == (0, 1, 2, 3, 4)
        assert one.film.frames.shape == (5, *one.image.shape)
        assert np.array_equal(one.film.frames[-1], one.image)
        assert not np.array_equal(one.film.frames[0], one.image)


def test_frames_are_spread_over_the_search_and_end_with_it():
    assert frames_of(10, 25) == {10}
    assert frames_of(60, 25) == {25, 50, 60}
    spread = sorted(frames_of(2400, 25))
    assert (len(spread), spread[0], spread[-1]) == (FRAMES - 1, 475, 2400)


def test_a_search_that_stops_early_has_its_last_step_and_rows_have_their_own_shots():
    film = Film()
    early, late = film.shot([(7, 0)], lambda s: s["z"]), film.shot([(5, 1)], lambda s: 1 - s["z"])
    nothing, all_of_it = {"z": torch.zeros(1, 2)}, {"z": torch.ones(1, 2)}
    for shot in (early, late):
        shot.begin(1000, 25, nothing)
        shot.after(25, nothing, last=False)
    early.after(50, all_of_it, last=True)
    strips = film.strips([(5, 1), (7, 0), (9, 0)], lambda z: z.view(-1, 1, 1, 2), 4)
    assert {row: strip.steps for row, strip in strips.items()} == {(5, 1): (0,), (7, 0): (0, 50)}
    assert strips[7, 0].frames.tolist() == [[[0, 0]], [[255, 255]]]
    assert strips[5, 1].frames.tolist() == [[[255, 255]]]
