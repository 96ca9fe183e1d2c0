"""A verifier pair: split of the people, the shipped pair, and rejection of a blind pair."""

from __future__ import annotations

import json

import numpy as np
import pytest

from worker.bundled import omniglot
from worker.evaluation.panel import blind
from worker.evaluation.verifier_pair import measure, split_people, train_pair
from worker.evaluation.verifiers import bundled_verifiers
from worker.inversion.errors import InvalidImages


def test_people_are_trained_on_or_held_out_never_both():
    labels = np.repeat(np.arange(-1, 50), 5)
    labels = np.append(labels, [50, 50])  # too few images of this one
    trained, held_out = split_people(labels, samples=4, seed=3)
    assert not set(trained) & set(held_out)
    assert sorted([*trained, *held_out]) == list(range(50))
    assert len(held_out) == 10
    np.testing.assert_array_equal(held_out, split_people(labels, samples=4, seed=3)[1])
    with pytest.raises(InvalidImages, match="30 are needed"):
        split_people(labels[:100], samples=4, seed=3)


def test_a_shipped_verifier_sees_people_it_was_not_trained_on():
    data = omniglot.load().private_train
    found, own = measure(bundled_verifiers((1, 32, 32))[0], data.images, data.labels)
    assert len(own) == len(data.images) - sum(np.bincount(data.labels) // 2)
    assert (found == own).mean() > 0.8
    assert not blind(found, own, 90)


def test_a_pair_that_cannot_see_is_rejected_and_its_models_are_not_kept(tmp_path):
    rng = np.random.default_rng(0)
    images, labels = rng.integers(0, 256, (30 * 6, 16, 16), dtype=np.uint8), np.repeat(np.arange(30), 6)
    cards = train_pair(images, labels, tmp_path, name="noise", steps=2)
    assert [card["blind"] for card in cards] == [True, True]
    assert {card["architecture"] for card in cards} == {"PlainEmbedder", "ResidualEmbedder"}
    assert len({card["loss"] for card in cards}) == 2
    assert sorted(file.name for file in tmp_path.iterdir()) == ["noise-plain.json", "noise-residual.json"]
    assert json.loads((tmp_path / "noise-plain.json").read_text()) == cards[0]
    with pytest.raises(InvalidImages, match="multiples of 16"):
        train_pair(images[:, :15], labels, tmp_path)
    with pytest.raises(InvalidImages, match="the same size"):
        train_pair(images, labels, tmp_path, references=(images[:, :8], labels))
    with pytest.raises(InvalidImages, match="two people with two images"):
        train_pair(images, labels, tmp_path, references=(images[::6], labels[::6]))


def test_a_pair_that_sees_the_public_people_but_not_the_references_is_rejected(tmp_path):
    rng = np.random.default_rng(0)
    labels = np.repeat(np.arange(40), 6)
    images = np.clip(  # a brightness pattern of 4 x 4 blocks per person, with noise
        np.kron(rng.uniform(0, 255, (40, 4, 4)), np.ones((4, 4)))[labels] + rng.normal(0, 20, (240, 16, 16)), 0, 255
    ).astype(np.uint8)
    noise = rng.integers(0, 256, images.shape, dtype=np.uint8)
    cards = train_pair(images, labels, tmp_path, steps=3, references=(noise, labels))
    for card in cards:
        assert card["rank1_held_out"] > 0.5
        assert card["references"]["people"] == 40
        assert card["references"]["blind"]
        assert card["blind"]
    assert not list(tmp_path.glob("*.onnx"))
