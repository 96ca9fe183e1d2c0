"""Another input convention is recognised if it fits clearly better, and else only listed."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
import torch
from torch import nn

from bench.truth.fit_simulation import PLAIN, fit_of, numbered, trained
from worker.evaluation.fit import assess
from worker.evaluation.guessing import NO_GUESS
from worker.evaluation.input_conventions import DECLARED, guesses_of, normalisations, sample, try_conventions
from worker.inversion.targets import Target
from worker.inversion.targets.convention import InputConvention

IMAGENET_255 = {"mean": (123.675, 116.28, 103.53), "std": (58.395, 57.12, 57.375)}


def with_(mean: float, std: float) -> InputConvention:
    return dataclasses.replace(PLAIN, mean=(mean,), std=(std,))


@pytest.mark.parametrize(
    ("trained_with", "declared", "name"),
    [
        (with_(0, 1), with_(0.5, 0.5), "pixels from 0 to 1"),
        (with_(0.5, 0.5), with_(0, 1), "pixels from -1 to 1"),
        (with_(0, 1 / 255), with_(0, 1), "pixels from 0 to 255"),
        (with_(0.449, 0.226), with_(0, 1), "ImageNet mean and standard deviation"),
        (with_(0.3, 0.2), with_(76.5, 51), "mean and standard deviation divided by 255"),
        (with_(76.5, 51), with_(0.3, 0.2), "mean and standard deviation multiplied by 255"),
    ],
)
def test_the_convention_that_a_model_was_trained_with_is_recognised(trained_with, declared, name):
    rng = np.random.default_rng(0)
    fit = fit_of(trained(rng, 60, right=0.9), numbered(60), declared=declared, trained_with=trained_with)
    assert fit.state == "input_convention"
    assert fit.conventions[0].name == DECLARED
    assert fit.conventions[0].convention == declared
    assert fit.conventions[0].accuracy == fit.accuracy.value
    best = max(fit.conventions, key=lambda reading: reading.accuracy)
    assert best.name == name
    assert best.accuracy == pytest.approx(0.9, abs=0.05)


def test_the_declared_convention_stays_where_it_is_right():
    fit = fit_of(trained(np.random.default_rng(0), 60), numbered(60))
    assert fit.state == "trained"
    assert len(fit.conventions) > 3


def test_order_and_convention_may_both_be_wrong_and_the_order_names_the_convention():
    rng = np.random.default_rng(0)
    names = numbered(60)
    places = np.array([sorted(names).index(name) for name in names])
    fit = fit_of(trained(rng, 60, places=places), names, declared=with_(127.5, 127.5), trained_with=with_(0.5, 0.5))
    assert fit.state == "class_order"
    assert fit.order is not None
    assert (fit.order.kind, fit.order.convention) == ("sorted as text", "pixels from -1 to 1")


class Brightness(nn.Module):
    """Two classes, dark and bright, by a threshold on the network's input."""

    def __init__(self, threshold: float) -> None:
        super().__init__()
        self.head = nn.Linear(1, 2)
        self.head.weight.data, self.head.bias.data = torch.tensor([[-1.0], [1.0]]), torch.tensor([1.0, -1]) * threshold

    def forward(self, x):
        return self.head(x.mean((1, 2, 3))[:, None])


def test_a_slightly_better_convention_is_listed_and_decides_nothing():
    levels = np.array([*[0.2] * 17, *[0.47] * 3, *[0.8] * 20])  # with pixels from 0 to 1, three dark ones are wrong
    images = np.broadcast_to((levels * 255).astype(np.uint8)[:, None, None], (40, 8, 8)).copy()
    labels = np.repeat([0, 1], 20)
    target = Target(Brightness(0.45), PLAIN, 2)
    fit = assess(target, images, labels, ["dark", "bright"])
    readings = {reading.name: reading.accuracy for reading in fit.conventions}
    assert readings[DECLARED] == pytest.approx(0.925)
    assert readings["pixels from -1 to 1"] > readings[DECLARED]
    assert fit.state == "trained"


def test_normalisations_are_listed_once_and_in_pixels_from_0_to_1():
    colour = InputConvention(height=8, width=8, channels=3, **IMAGENET_255)
    found = normalisations(colour)
    assert found["ImageNet mean and standard deviation"].mean == (0.485, 0.456, 0.406)
    assert "mean and standard deviation divided by 255" not in found, "it is ImageNet's"
    assert colour not in found.values()
    assert "pixels from 0 to 1" not in normalisations(PLAIN)
    extreme = dataclasses.replace(PLAIN, mean=(9e5,), std=(9e5,))
    assert "mean and standard deviation multiplied by 255" not in normalisations(extreme)


class FirstChannel(nn.Module):
    """The class is encoded in the first of three channels."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.head = nn.Linear(1, classes)

    def forward(self, x):
        self.head(x[:, :1, 0, 0])
        index = (x[:, 0, 0, 0] * 255).round().long().clamp(0, self.head.out_features - 1)
        return torch.eye(self.head.out_features)[index]


def test_swapped_colour_channels_are_recognised_under_any_normalisation():
    labels = np.repeat(np.arange(20), 5)
    images = np.zeros((100, 8, 8, 3), np.uint8)
    images[:, :, :, 2] = labels[:, None, None]
    colour = InputConvention(height=8, width=8, channels=3)
    fit = assess(Target(FirstChannel(20), colour, 20), images, labels, numbered(20))
    assert fit.state == "input_convention"
    assert max(fit.conventions, key=lambda reading: reading.accuracy).name == "BGR"
    both = dataclasses.replace(colour, mean=(0.2,) * 3, std=(0.9,) * 3)
    fit = assess(Target(FirstChannel(20), both, 20), images, labels, numbered(20))
    best = max(fit.conventions, key=lambda reading: reading.accuracy)
    assert (fit.state, best.name, best.convention.channel_order) == (
        "input_convention",
        "pixels from 0 to 1, BGR",
        "BGR",
    )


def test_outputs_that_are_not_numbers_are_no_guess_and_the_target_is_left_as_it_was():
    target = Target(Brightness(math.nan), PLAIN, 2).train()
    images = np.zeros((3, 8, 8), np.uint8)
    assert guesses_of(target, images, with_(0.5, 0.5)).tolist() == [NO_GUESS] * 3
    assert target.convention == PLAIN
    assert target.training


def test_a_sample_holds_every_identity_before_any_counts_twice():
    labels = np.repeat([3, 1, 2], [50, 2, 1])
    assert len(sample(labels, seed=0)) == 53
    few = sample(labels, seed=0, size=7)
    assert np.bincount(labels[few], minlength=4).tolist() == [0, 2, 1, 4]
    assert (np.diff(few) > 0).all()
    many = np.repeat(np.arange(900), 2)
    assert len(np.unique(many[sample(many, seed=0)])) == 400


def test_large_images_are_asked_about_in_smaller_batches():
    batches = []

    class Counting(Brightness):
        def forward(self, x):
            batches.append(len(x))
            return super().forward(x)

    for side, most in ((8, 256), (64, 256), (224, 20), (1024, 1)):
        batches.clear()
        target = Target(Counting(0.5), dataclasses.replace(PLAIN, height=side, width=side), 2)
        guesses_of(target, np.zeros((2 * most + 1, 8, 8), np.uint8))
        assert batches == [most, most, 1]


def test_large_sets_are_asked_once_about_all_images_and_otherwise_about_a_sample():
    seen = []

    class Counting(Brightness):
        def forward(self, x):
            seen.append(len(x))
            return super().forward(x)

    images = np.zeros((3000, 8, 8), np.uint8)
    images[1500:] = 255
    labels = np.repeat([0, 1], 1500)
    target = Target(Counting(0.5), PLAIN, 2)
    assess(target, images, labels, ["a", "b"])
    assert sum(seen) <= 3000 + 6 * 400
    calls = []
    tried = try_conventions(target, images, labels, labels, floor=0.75, between=lambda: calls.append(1))
    assert len(tried.rows) == 400
    assert len(calls) >= len(tried.conventions) - 1
