"""`assess` on the shipped model of 90 characters, with correct and wrong descriptions."""

from __future__ import annotations

import copy
import dataclasses

import numpy as np
import pytest
import torch
from torch import nn

from worker.bundled import omniglot
from worker.evaluation.evaluator import load_evaluator
from worker.evaluation.fit import Fit, assess
from worker.evaluation.verifiers import BUNDLED
from worker.inversion.targets import Target

NAMES = [str(k) for k in (*range(10), *range(20, 100))]
TEXT = sorted(range(90), key=NAMES.__getitem__)


@pytest.fixture(scope="module")
def everybody() -> omniglot.LabelledImages:
    return omniglot.load().private_train


@pytest.fixture(scope="module")
def people(everybody: omniglot.LabelledImages) -> omniglot.LabelledImages:
    """Five of the fifteen images of each character."""
    return omniglot.LabelledImages(everybody.images[::3], everybody.labels[::3], everybody.names)


@pytest.fixture(scope="module")
def model() -> Target:
    (path,) = (p for p in BUNDLED.glob("power-*.safetensors") if "students" not in p.name)
    return load_evaluator(path).model


def in_order(model: Target, order: list[int] | np.ndarray) -> Target:
    """Return the model with reordered classes: output i is class order[i] of the model."""
    other = copy.deepcopy(model)
    last = [m for m in other.network.modules() if isinstance(m, nn.Linear)][-1]
    last.weight.data, last.bias.data = last.weight.data[list(order)], last.bias.data[list(order)]
    return other


def described(model: Target, mean: float, std: float) -> Target:
    other = copy.copy(model)
    other.convention = dataclasses.replace(model.convention, mean=(mean,), std=(std,))
    return other


def test_in_the_right_order_it_is_trained(model, everybody):
    fit = assess(model, everybody.images, everybody.labels, NAMES)
    assert fit.state == "trained"
    assert fit.may_pass
    assert not fit.stops
    assert fit.order is None
    assert fit.accuracy.value > 0.95
    assert (fit.accuracy.n, fit.images, fit.classes) == (90, 1350, 90)


def test_trained_in_text_order_and_described_in_number_order_it_is_recognised_before_anything_is_attacked(
    model, people
):
    fit = assess(in_order(model, TEXT), people.images, people.labels, NAMES)
    assert fit.state == "class_order"
    assert fit.stops
    assert fit.accuracy.value == pytest.approx(13 / 90, abs=0.01), "13 of 90 names are right by luck"
    assert fit.order is not None
    assert fit.order.displaced == 77
    assert fit.order.kind == "sorted as text"
    assert fit.order.suggested == tuple(NAMES[k] for k in TEXT)
    assert fit.order.accuracy > 0.95
    assert [(e.pictures_of, e.labelled_as) for e in fit.order.examples[:2]] == [("3", "23"), ("4", "34")]


def test_one_swapped_pair_is_found_among_ninety(model, people):
    order = np.arange(90)
    order[[3, 70]] = 70, 3
    fit = assess(in_order(model, order), people.images, people.labels, NAMES)
    assert fit.state == "class_order"
    assert fit.accuracy.value > 0.93
    assert fit.order is not None
    assert {e.pictures_of for e in fit.order.examples} == {"3", "80"}


def test_a_shuffled_order_is_found_from_fifteen_images_each_and_from_one(model, everybody):
    order = np.random.default_rng(0).permutation(90)
    for rows in (slice(None), slice(None, None, 15)):
        fit = assess(in_order(model, order), everybody.images[rows], everybody.labels[rows], NAMES)
        assert fit.state == "class_order"
        assert fit.order is not None
        right = np.mean([fit.order.suggested[i] == NAMES[k] for i, k in enumerate(order)])
        assert right > 0.95


@pytest.mark.parametrize(("mean", "std"), [(127.5, 127.5), (0.5 / 255, 0.5 / 255), (0.0, 1.0)])
def test_numbers_for_pixels_of_another_range_are_recognised(model, people, mean, std):
    fit = assess(described(model, mean, std), people.images, people.labels, NAMES)
    assert fit.state == "input_convention"
    best = max(fit.conventions, key=lambda reading: reading.accuracy)
    assert (best.name, best.convention.mean, best.convention.std) == ("pixels from -1 to 1", (0.5,), (0.5,))
    assert best.accuracy > 0.95


def test_order_and_convention_may_both_be_wrong(model, people):
    fit = assess(described(in_order(model, TEXT), 127.5, 127.5), people.images, people.labels, NAMES)
    assert fit.state == "class_order"
    assert fit.order is not None
    assert (fit.order.kind, fit.order.convention) == ("sorted as text", "pixels from -1 to 1")


def test_strangers_are_at_chance_and_no_order_explains_them(model):
    public = omniglot.load().public
    rows = public.labels < 90
    fit = assess(model, public.images[rows], public.labels[rows], NAMES)
    assert (fit.state, fit.order) == ("at_chance", None)


def test_the_document_is_plain_and_can_be_read_back(model, people):
    for target in (model, in_order(model, TEXT)):
        fit = assess(target, people.images, people.labels, NAMES)
        document = fit.to_dict()
        assert Fit.from_dict(document) == fit
        assert document["guessing"] == 1 / 90
        assert document["floor"] == pytest.approx((1 + 1 / 90) / 2)
        assert document["conventions"][0]["name"] == "as declared"
        assert set(document["conventions"][0]["convention"]) >= {"mean", "std", "channel_order"}
        assert (document["order"] is None) == (fit.state == "trained")


def test_further_conventions_cost_less_than_two_more_looks_at_the_images(model, everybody, monkeypatch):
    seen, forward = [], model.network.forward

    def counted(x: torch.Tensor) -> torch.Tensor:
        seen.append(len(x))
        return forward(x)

    monkeypatch.setattr(model.network, "forward", counted)
    assess(model, everybody.images, everybody.labels, NAMES)
    assert len(everybody.images) < sum(seen) <= 3 * len(everybody.images)


def test_it_can_be_cancelled_between_batches_and_needs_images(model, people):
    def cancelled() -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        assess(model, people.images, people.labels, NAMES, between=cancelled)
    with pytest.raises(ValueError, match="no private training images"):
        assess(model, people.images[:0], people.labels[:0], NAMES)
