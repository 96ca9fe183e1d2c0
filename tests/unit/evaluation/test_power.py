"""The power check is measured like an audit, with one submission per person."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pytest

from worker.evaluation import reference
from worker.evaluation.power import attacked, measure_power
from worker.evaluation.procedure import Attacked
from worker.evaluation.reference import EPOCHS, knowledge, reference_recipe, train_reference
from worker.inversion.attacks import Gmi, Reconstruction
from worker.inversion.priors import Prior


def made(identity: int, restart: int) -> Reconstruction:
    return Reconstruction(
        image=np.zeros((8, 8), np.uint8), identity=identity, restart=restart, seed=0, target_score=-1.0,
        target_confidence=0.5, selected=True, iterations=3, target_top1=True, micro_batch=4,
    )  # fmt: skip


def test_several_submissions_of_a_person_are_rejected() -> None:
    found = [made(0, 0), made(0, 1), made(1, 0), made(1, 1)]
    nothing = (np.zeros((0, 8, 8), np.uint8), np.zeros(0, np.int64))
    with pytest.raises(ValueError, match="one submission per identity"):
        measure_power([Attacked(found, Gmi(), cast(Prior, None))], nothing, [], seed=0)


def test_more_identities_are_attacked_on_photographs_and_the_draw_depends_on_the_seed() -> None:
    known = np.repeat(np.arange(74), 3)
    small, large = attacked(known, 32, seed=1), attacked(known, 64, seed=1)
    assert (len(small), len(large)) == (16, 48)
    assert set(small) < set(large) < set(range(74))
    assert attacked(known, 64, seed=2) != large == sorted(large)
    assert attacked(np.arange(5), 64, seed=1) == list(range(5))


class Knows:
    """An evaluator that labels a share of each identity's images correctly, the first ones."""

    def __init__(self, share: float) -> None:
        self.share = share

    def top(self, images: np.ndarray, k: int = 5) -> np.ndarray:
        labels, place = images[:, 0, 0].astype(np.int64), images[:, 0, 1]
        return np.where(place < 10 * self.share, labels, (labels + 1) % 4)[:, None]


def of_four_people() -> tuple[np.ndarray, np.ndarray]:
    """Ten images of each person. One pixel encodes the person, another the image."""
    labels, images = np.repeat(np.arange(4), 10), np.zeros((40, 8, 8), np.uint8)
    images[:, 0, 0], images[:, 0, 1] = labels, np.tile(np.arange(10), 4)
    return images, labels


@pytest.mark.parametrize(("needed", "trained_for"), [(30, [30]), (60, [30, 60]), (500, list(EPOCHS))])
def test_a_reference_is_trained_until_it_knows_its_images_and_not_forever(
    needed: int, trained_for: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[int] = []

    def train(images: Any, labels: Any, *, epochs: int, **rest: Any) -> Any:
        tried.append(epochs)
        return Knows(1.0 if epochs >= needed else 0.9)

    monkeypatch.setattr(reference, "train_evaluator", train)
    made = train_reference(*of_four_people(), classes=4)
    assert tried == trained_for
    assert cast(Any, made).share == (1.0 if needed <= EPOCHS[-1] else 0.9)
    assert reference_recipe()["epochs"] == list(EPOCHS)


def test_what_a_reference_knows_is_reported_with_intervals_over_people() -> None:
    images, labels = of_four_people()
    held_out = images.copy()
    held_out[:, 0, 1] += 4
    found = knowledge(cast(Any, Knows(1.0)), (images, labels), (held_out, labels))
    assert (found["training_accuracy"].value, found["held_out_accuracy"].value) == (1.0, pytest.approx(0.6))
    assert found["memorisation_gap"].value == pytest.approx(0.4)
    for figure in found.values():
        assert figure.n == 4
        assert figure.low < figure.high
    assert set(knowledge(cast(Any, Knows(1.0)), (images, labels))) == {"training_accuracy"}
