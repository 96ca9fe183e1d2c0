"""A verifier sees if it recognises real images of the audited people, whatever their size."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from worker.bundled import omniglot
from worker.evaluation.panel import Panel
from worker.evaluation.sight import SENSITIVITY_NEEDED, sees
from worker.evaluation.verifiers import bundled_verifiers


class Directions:
    """Each person has a direction, and each image adds noise. A pixel encodes person and image."""

    def __init__(self, people: int, noise: float, seed: int = 0) -> None:
        self.name, self.digest = "directions", "sha256:directions"
        rng = np.random.default_rng(seed)
        self.own = rng.normal(size=(people, 32))
        self.other = noise * rng.normal(size=(people, 256, 32))

    def embed(self, images: np.ndarray) -> np.ndarray:
        person, image = images[:, 0, 0].astype(int), images[:, 0, 1].astype(int)
        e = self.own[person] + self.other[person, image]
        return (e / np.linalg.norm(e, axis=1, keepdims=True)).astype(np.float32)


def pictures(people: int, each: int, first: int = 0) -> tuple[np.ndarray, np.ndarray]:
    images = np.zeros((people * each, 8, 8), np.uint8)
    labels = np.repeat(np.arange(people), each)
    images[:, 0, 0], images[:, 0, 1] = labels, np.tile(np.arange(first, first + each), people)
    return images, labels


@pytest.mark.parametrize("people", [2, 3, 20])
def test_a_verifier_that_tells_people_apart_sees_however_few_they_are(people):
    (sight,) = sees(Panel.of([Directions(people, 0.5)], *pictures(people, 8)))
    assert sight.sees
    assert not sight.blind
    assert sight.sensitivity.value > 0.9
    assert sight.specificity.value > 0.97
    assert (sight.images, sight.sensitivity.n) == (8 * people, people)


@pytest.mark.parametrize("people", [2, 3, 20])
def test_a_verifier_that_guesses_is_blind(people):
    (sight,) = sees(Panel.of([Directions(people, 1e3)], *pictures(people, 8)))
    assert sight.blind
    assert not sight.sees


def test_a_verifier_that_beats_guessing_but_misses_most_images_does_not_see():
    (sight,) = sees(Panel.of([Directions(20, 3.0)], *pictures(20, 10)))
    assert not sight.blind
    assert sight.rank1.value > 3 / 20
    assert sight.sensitivity.value < SENSITIVITY_NEEDED
    assert not sight.sees


def test_held_out_images_are_measured_where_there_are_some():
    panel = Panel.of([Directions(20, 0.5)], *pictures(20, 3))
    (sight,) = sees(panel, pictures(20, 5, first=100))
    assert sight.images == 100
    assert sight.sees


def test_one_image_of_each_shows_nothing():
    (sight,) = sees(Panel.of([Directions(20, 0.1)], *pictures(20, 1)))
    assert (sight.images, sight.sees, sight.blind) == (0, False, False)
    document = sight.to_dict()
    assert document["sensitivity"] is None
    assert document["specificity"] is None


def test_the_specificity_is_measured_on_people_who_did_not_set_the_threshold():
    """Half of the people look like everybody else. A threshold set without them is too low."""
    rng = np.random.default_rng(0)
    rates = []
    for seed in range(5):
        verifier = Directions(40, 1.5, seed=seed)
        verifier.own[::2] = 0.2 * rng.normal(size=(20, 32)) + verifier.own[0]
        (sight,) = sees(Panel.of([verifier], *pictures(40, 6)))
        rates.append(1 - sight.specificity.value)
    assert max(rates) > 0.01


def test_shipped_verifiers_see_characters_and_not_pictures_of_another_kind():
    people = omniglot.load().private_train
    rows = people.labels < 30
    for sight in sees(Panel.of(bundled_verifiers((1, 32, 32)), people.images[rows], people.labels[rows])):
        assert sight.sees, sight
        assert sight.sensitivity.value > 0.8
    rng = np.random.default_rng(0)
    common, own = (gaussian_filter(rng.normal(size=(n, 32, 32)), (0, 4, 4)) for n in (1, 22))
    shape = common / common.std() + 0.15 * own / own.std()  # nearly identical grey bodies, as in X-rays
    noise = 0.1 * gaussian_filter(rng.normal(size=(22, 8, 32, 32)), (0, 0, 1, 1))
    images = np.clip(128 + 50 * (shape[:, None] + noise), 0, 255).astype(np.uint8).reshape(-1, 32, 32)
    images = np.stack([np.roll(one, rng.integers(-1, 2, 2), (0, 1)) for one in images])
    found = sees(Panel.of(bundled_verifiers((1, 32, 32)), images, np.repeat(np.arange(22), 8)))
    assert not any(sight.sees for sight in found)
    assert not all(sight.blind for sight in found), "better than guessing is not enough"
