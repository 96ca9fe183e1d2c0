"""Small real models of characters: images that fool an evaluator do not fool the verifiers."""

from __future__ import annotations

import copy
from typing import NamedTuple

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from worker.bundled import omniglot
from worker.evaluation.controls import prior_control
from worker.evaluation.evaluator import Evaluator, train_evaluator
from worker.evaluation.fit import Fit, assess
from worker.evaluation.procedure import OtherModel
from worker.evaluation.score import score
from worker.evaluation.verification import verify
from worker.evaluation.verifiers import BUNDLED, bundled_verifiers
from worker.inversion.attacks import Attack
from worker.inversion.data import to_uint8
from worker.inversion.frozen import frozen
from worker.inversion.priors import Prior, load_prior

pytestmark = pytest.mark.xdist_group("real models")  # each test process would train them again
CHARACTERS = 24


class People(NamedTuple):
    images: np.ndarray
    labels: np.ndarray


def characters(first: int) -> People:
    """Return the training drawings of CHARACTERS private characters, labelled from 0."""
    data = omniglot.load().private_train
    rows = (data.labels >= first) & (data.labels < first + CHARACTERS)
    return People(data.images[rows], data.labels[rows] - first)


@pytest.fixture(scope="module")
def members() -> People:
    return characters(0)


@pytest.fixture(scope="module")
def target(members: People) -> Evaluator:
    return train_evaluator(members.images, members.labels, seed=1, epochs=14)


@pytest.fixture(scope="module")
def untrained(members: People) -> Evaluator:
    """Random weights."""
    model = train_evaluator(members.images[:30], members.labels[:30], seed=3, epochs=1, num_classes=CHARACTERS)
    for layer in model.model.network.modules():
        if hasattr(layer, "reset_parameters"):
            layer.reset_parameters()
    return model


def constant(model: Evaluator) -> Evaluator:
    """Return the model with a last layer that ignores the image."""
    target = copy.deepcopy(model.model)
    last = [m for m in target.network.modules() if isinstance(m, torch.nn.Linear)][-1]
    last.weight.data.zero_()
    return Evaluator(target)


@pytest.fixture(scope="module")
def prior() -> Prior:
    return load_prior(BUNDLED / "prior-omniglot32.safetensors")


def fooling(models: list[Evaluator], steps: int = 60) -> np.ndarray:
    """Optimise noise until every model assigns it to its class: (CHARACTERS, 32, 32) uint8."""
    y = torch.arange(CHARACTERS)
    x = torch.rand((CHARACTERS, 1, 32, 32), generator=torch.Generator().manual_seed(0)) * 0.3
    with frozen(*(m.model for m in models)):
        for _ in range(steps):
            x.requires_grad_()
            loss = torch.stack([F.cross_entropy(m.model(x).logits, y, reduction="sum") for m in models]).sum()
            (g,) = torch.autograd.grad(loss, x)
            x = (x.detach() - 0.02 * g.sign()).clamp(0, 1)
    return to_uint8(x)


def test_pixels_that_fool_target_and_evaluator_are_verified_for_hardly_anybody(members, target, prior):
    evaluator = train_evaluator(members.images, members.labels, seed=2, epochs=14)
    images, identities = fooling([target, evaluator]), np.arange(CHARACTERS)
    top5 = evaluator.top(images)
    v = verify(images, identities, members.images, members.labels, bundled_verifiers((1, 32, 32)),
               reconstructions=images, reconstructed_for=identities,
               controls={"prior": prior_control(prior, identities.tolist(), draws=2, seed=0)})  # fmt: skip
    s = score(identities, np.ones(CHARACTERS, bool), verification=v, evaluator_top5=top5)
    assert s.figures["attack_accuracy_top1"]["value"] >= 0.9, "what the literature would report"
    assert s.figures["verified"]["value"] <= 0.01
    assert s.verdict.answer == "INCONCLUSIVE"
    assert s.figures["overfitting_gap"]["value"] > 0.5


def test_a_model_of_other_characters_attacked_for_these_does_not_fail(target, prior):
    others, identities = characters(40), list(range(CHARACTERS))
    config = Attack.from_dict({"setting": "baseline", "steps": 20, "restarts": 2, "pool": 128, "views": 2})
    found = OtherModel(target.model, omniglot.load().public.images[:64], seed=0).attack(prior, identities, config).found
    submitted = [one for one in found if one.selected]
    v = verify(np.stack([one.image for one in submitted]), identities, others.images, others.labels,
               bundled_verifiers((1, 32, 32)), reconstructions=np.stack([one.image for one in found]),
               reconstructed_for=[one.identity for one in found],
               controls={"prior": prior_control(prior, identities, draws=2, seed=0)})  # fmt: skip
    for known in (None, fit(target, others).to_dict()):
        s = score(np.arange(CHARACTERS), np.ones(CHARACTERS, bool), verification=v, fit=known)
        assert s.verdict.answer == "INCONCLUSIVE"
    assert s.verdict.codes == ("at_chance",)


def test_a_model_that_memorised_a_third_names_these_and_nobody_else(members, prior):
    memorised = np.arange(0, CHARACTERS, 3)
    images, others = members.images.copy(), characters(40)
    for k in sorted(set(range(CHARACTERS)) - set(memorised.tolist())):  # stand-ins for the other labels
        images[members.labels == k] = others.images[others.labels == k]
    model = train_evaluator(images, members.labels, seed=4, epochs=30).model
    config = Attack.from_dict({"setting": "lom", "steps": 40, "restarts": 2, "views": 4})
    identities = list(range(CHARACTERS))
    found = OtherModel(model, omniglot.load().public.images[:64], seed=0).attack(prior, identities, config).found
    submitted = [one for one in found if one.selected]
    v = verify(np.stack([one.image for one in submitted]), identities, members.images, members.labels,
               bundled_verifiers((1, 32, 32)), reconstructions=np.stack([one.image for one in found]),
               reconstructed_for=[one.identity for one in found],
               controls={"prior": prior_control(prior, identities, draws=2, seed=0)})  # fmt: skip
    s = score(np.array(identities), np.array([one.target_top1 for one in submitted]), verification=v)
    assert s.figures["target_accuracy"]["value"] > 0.9, "it answers for everybody alike"
    assert len(s.named) >= 3, "of eight; more steps find more"
    assert np.isin(s.named, memorised).mean() >= 0.9
    assert set(s.worst_decile) <= set(memorised.tolist())
    assert s.figures["risk"]["value"] > 0.05
    assert s.verdict.answer != "PASS"


def test_a_constant_model_that_came_through_is_inconclusive_with_the_reason(members, untrained):
    flat = np.full((CHARACTERS, 32, 32), 30, np.uint8)
    v = verify(flat, range(CHARACTERS), members.images, members.labels, bundled_verifiers((1, 32, 32)),
               reconstructions=flat, reconstructed_for=range(CHARACTERS), controls={"prior": flat})  # fmt: skip
    known = fit(constant(untrained), members)
    assert (known.state, known.accuracy.value) == ("at_chance", pytest.approx(1 / CHARACTERS))
    s = score(np.arange(CHARACTERS), np.eye(CHARACTERS, dtype=bool)[0], verification=v, fit=known.to_dict(),
              power=1.0, contamination_clean=True)  # fmt: skip
    assert s.verdict.answer == "INCONCLUSIVE"
    assert s.verdict.codes == ("at_chance",)


def fit(model: Evaluator, people: People) -> Fit:
    return assess(model.model, people.images, people.labels, [f"character {k}" for k in range(CHARACTERS)])


def test_a_trained_model_is_distinguished_from_random_weights_and_from_one_of_other_characters(
    members, target, untrained
):
    assert fit(target, members).state == "trained"
    assert fit(target, characters(40)).state == "at_chance"
    assert fit(untrained, members).state == "at_chance"


def test_labels_moved_by_five_are_another_order_of_the_classes(members, target):
    moved = fit(target, People(members.images, (members.labels + 5) % CHARACTERS))
    assert (moved.state, moved.accuracy.value) == ("class_order", pytest.approx(0, abs=0.02))
    assert moved.order is not None
    assert moved.order.suggested[:2] == ("character 5", "character 6")
