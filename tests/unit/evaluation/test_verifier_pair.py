"""A verifier pair: split of the people, the shipped pair, and rejection of a blind pair."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from worker.bundled import omniglot
from worker.evaluation.embedder_training import UnlabelledRecipe, train_unlabelled
from worker.evaluation.embedders import PlainEmbedder, Resized, inner_size, resizing
from worker.evaluation.redundancy import barlow_twins
from worker.evaluation.splitting import resized, split_images, split_people, views_of
from worker.evaluation.verifier_pair import sight, train_pair
from worker.evaluation.verifiers import Verifier, bundled_verifiers
from worker.intake.onnx.model import read_model
from worker.intake.onnx.verifier_rules import check_verifier
from worker.inversion.data import to_tensor
from worker.inversion.errors import InvalidImages

EXPORTS = pytest.mark.xdist_group("export")  # each test process would load the exporter


@pytest.mark.parametrize(("people", "held"), [(12, 4), (30, 10), (50, 10), (100, 20)])
def test_people_are_trained_on_or_held_out_never_both(people: int, held: int) -> None:
    labels = np.repeat(np.arange(-1, people), 5)
    labels = np.append(labels, [people, people])  # too few images of this one
    trained, held_out = split_people(labels, seed=3)
    assert not set(trained) & set(held_out)
    assert sorted([*trained, *held_out]) == list(range(people))
    assert len(held_out) == held
    np.testing.assert_array_equal(held_out, split_people(labels, seed=3)[1])


def test_too_few_people_or_images_are_rejected_with_the_number_needed() -> None:
    with pytest.raises(InvalidImages, match=r"11 people have 4 images or more; 12 are needed.*--without-names"):
        split_people(np.repeat(np.arange(11), 4), seed=3)
    with pytest.raises(InvalidImages, match="199 images; 200 are needed"):
        split_images(199, seed=0)
    trained, held_out = split_images(200, seed=0)
    assert (len(trained), len(held_out)) == (160, 40)
    assert not set(trained) & set(held_out)


def test_a_shipped_verifier_sees_people_it_was_not_trained_on():
    data = omniglot.load().private_train
    seen = sight(bundled_verifiers((1, 32, 32))[0], data.images, data.labels)
    assert seen.images == len(data.images) - sum(np.bincount(data.labels) // 2)
    assert seen.rank1.value > 0.8
    assert not seen.blind


@pytest.mark.parametrize(
    ("size", "inner"), [((32, 32), (32, 32)), ((17, 45), (32, 48)), ((160, 128), (96, 80)), ((512, 16), (96, 16))]
)
def test_an_embedder_works_at_multiples_of_16(size: tuple[int, int], inner: tuple[int, int]) -> None:
    assert inner_size(*size) == inner
    images = np.random.default_rng(0).integers(0, 256, (3, *size, 3), dtype=np.uint8)
    network = Resized(PlainEmbedder(3, 8, size=inner).eval(), size, inner)
    with torch.no_grad():
        assert network(to_tensor(images)).shape == (3, 8)
        rounded = to_tensor(resized(images, inner)) - network.resize(to_tensor(images))
    assert float(rounded.abs().max()) <= 0.51 / 255, "what it is trained on is what it sees"


@pytest.mark.parametrize(("before", "after"), [(17, 32), (160, 96), (48, 48)])
def test_resizing_keeps_a_ramp_and_averages_when_it_shrinks(before: int, after: int) -> None:
    matrix = resizing(before, after)
    np.testing.assert_allclose(matrix.sum(1), 1, rtol=1e-6)
    ramp = matrix @ np.arange(before, dtype=np.float32)
    inside = slice(2, -2)
    np.testing.assert_allclose(np.diff(ramp[inside]), before / after, atol=0.26 * before / after)
    shared = (matrix > 0).sum(0)
    assert shared.min() >= 1, "every pixel counts"


def test_barlow_twins_is_least_for_views_that_agree_in_numbers_that_do_not_repeat() -> None:
    numbers = torch.tensor([[1.0, 1, -1, -1], [1.0, -1, 1, -1]]).T
    twice = torch.cat([numbers, numbers])
    nothing = torch.zeros(0)
    assert float(barlow_twins(twice, nothing)) == pytest.approx(0, abs=1e-5)
    assert float(barlow_twins(torch.cat([numbers, -numbers]), nothing)) == pytest.approx(4, abs=1e-3)
    repeated = torch.cat([numbers[:, :1].expand(4, 2)] * 2)
    assert float(barlow_twins(repeated, nothing, weight=0.5)) == pytest.approx(0.5, abs=1e-3)


@pytest.mark.parametrize("loss", ["contrastive", "barlow-twins"])
def test_training_without_names_is_repeatable_and_lowers_the_loss(loss: str) -> None:
    images = np.random.default_rng(0).integers(0, 256, (64, 16, 16), dtype=np.uint8)
    losses: list[float] = []

    def train() -> torch.nn.Module:
        torch.manual_seed(0)
        recipe = UnlabelledRecipe(loss, steps=50, batch=32, affine=0.5, changes="")  # type: ignore[arg-type]
        network = PlainEmbedder(1, 16, width=8, size=(16, 16))
        return train_unlabelled(network, images, recipe, seed=1, progress=lambda *at: losses.append(at[2]["loss"]))

    first, again = train(), train()
    assert all(torch.equal(a, b) for a, b in zip(first.parameters(), again.parameters(), strict=True))
    assert losses[1] < losses[0]


@EXPORTS
def test_a_pair_that_cannot_see_is_rejected_and_its_models_are_not_kept(tmp_path):
    rng = np.random.default_rng(0)
    images, labels = rng.integers(0, 256, (30 * 6, 18, 20), dtype=np.uint8), np.repeat(np.arange(30), 6)
    cards = train_pair(images, labels, tmp_path, name="noise", steps=2)
    assert [card["blind"] for card in cards] == [True, True]
    assert {card["architecture"] for card in cards} == {"PlainEmbedder", "ResidualEmbedder"}
    assert len({card["loss"] for card in cards}) == 2
    assert sorted(file.name for file in tmp_path.iterdir()) == ["noise-plain.json", "noise-residual.json"]
    assert json.loads((tmp_path / "noise-plain.json").read_text()) == cards[0]
    with pytest.raises(InvalidImages, match="15x20 pixels; both sides must have 16 to 512"):
        train_pair(images[:, :15], labels, tmp_path)
    with pytest.raises(InvalidImages, match="the same size"):
        train_pair(images, labels, tmp_path, references=(images[:, :8], labels))
    with pytest.raises(InvalidImages, match="two people with two images"):
        train_pair(images, labels, tmp_path, references=(images[::6], labels[::6]))


@EXPORTS
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


@EXPORTS
def test_a_pair_of_any_size_trained_without_names_recognises_images_in_views_of_them(tmp_path):
    rng = np.random.default_rng(0)
    images = np.kron(rng.integers(0, 256, (200, 6, 5, 3)), np.ones((1, 3, 5, 1))).astype(np.uint8)
    cards = train_pair(images, np.full(200, -1), tmp_path, steps=6, names=False)
    for card in cards:
        assert card["shape"] == [3, 18, 25]
        assert (card["images_trained"], card["images_held_out"], card["probes"]) == (160, 40, 80)
        assert card["rank1_held_out"] > 0.2
        assert not card["blind"]
        file = tmp_path / f"{card['name']}.onnx"
        assert Verifier(file).embed(images[:2]).shape[0] == 2
        check_verifier(read_model(file.read_bytes()), parameters=10_000_000)  # it can be uploaded
    assert {card["loss"] for card in cards} == {"barlow-twins", "contrastive"}
    first, second = views_of(images[:3], seed=0)
    assert first.shape == (12, 18, 25, 3)
    assert second.tolist() == [0] * 4 + [1] * 4 + [2] * 4
