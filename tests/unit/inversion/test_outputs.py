"""Networks that end in an activation are recognised, and attacked as well as without it."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch
from torch import nn

from worker.inversion.attacks import Gmi, run_attack
from worker.inversion.errors import HardOutputs, UnusableTarget
from worker.inversion.targets import InputConvention, Target, as_outputs, build_network, examine_target
from worker.inversion.targets.outputs import KINDS

GREY = InputConvention(32, 32, 1, mean=(0.5,), std=(0.5,))
ACTIVATIONS = {
    "logits": lambda z: z + 0.0,
    "probabilities": lambda z: z.softmax(1),
    "log-probabilities": lambda z: z.log_softmax(1),
    "sigmoid": torch.sigmoid,
}
SHORT = Gmi(setting="baseline", steps=6, restarts=1, pool=8, check_every=3, micro_batch=8, views=2)


class Ended(nn.Module):
    """A network with an extra function after its last layer."""

    def __init__(self, inner: nn.Module, end) -> None:
        super().__init__()
        self.inner, self.end = inner, end

    def forward(self, x):
        return self.end(self.inner(x))


def ended(target: Target, end) -> Target:
    return Target(Ended(target.network, end), target.convention, target.num_classes).eval()


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_network_puts_out_is_recognised_and_turned_into_the_logits_before(kind, target):
    other = ended(target, ACTIVATIONS[kind])
    found = examine_target(other)
    assert found.outputs == other.outputs == kind
    assert len(found.notes) == (kind != "logits")
    images = torch.rand(16, 1, 32, 32, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        ours, logits = other(images).logits, target(images).logits
    if kind in ("probabilities", "log-probabilities"):
        logits = logits.log_softmax(1)
    assert torch.allclose(ours, logits, atol=1e-4)


@pytest.mark.parametrize("kind", KINDS)
def test_gradients_pass_through_the_inverse(kind, target):
    other = ended(target, ACTIVATIONS[kind])
    examine_target(other)
    images = torch.rand(4, 1, 32, 32, generator=torch.Generator().manual_seed(1), requires_grad=True)
    ours, theirs = (
        torch.autograd.grad(nn.functional.cross_entropy(t(images).logits, torch.arange(4)), images)[0]
        for t in (other, target)
    )
    assert torch.allclose(ours, theirs, atol=1e-5)


@pytest.mark.parametrize(
    ("kind", "setting"), [("probabilities", "baseline"), ("sigmoid", "baseline"), ("sigmoid", "lom")]
)
def test_an_attack_finds_the_same_with_an_activation_at_the_end(kind, setting, target, prior, p_reg):
    """The baseline's cross-entropy ignores a constant per image. LOM's logit loss does not."""
    other = ended(target, ACTIVATIONS[kind])
    config = dataclasses.replace(SHORT, setting=setting)
    untreated = run_attack(other, [], prior, p_reg, [0, 1, 2], config, seed=3)
    examine_target(other)
    ours, theirs = (run_attack(t, [], prior, p_reg, [0, 1, 2], config, seed=3) for t in (other, target))
    assert max(_difference(a, b) for a, b in zip(ours, theirs, strict=True)) <= 2
    assert max(_difference(a, b) for a, b in zip(untreated, theirs, strict=True)) > 2


def _difference(one, other) -> float:
    return float(np.abs(one.image.astype(int) - other.image.astype(int)).max())


def test_logits_that_happen_to_lie_between_0_and_1_stay_logits(target):
    """They do for eight random images. Inputs outside the range of images exceed the bounds."""
    small = ended(target, lambda z: 0.5 + 0.001 * z)
    images = torch.rand(64, 1, 32, 32)
    with torch.no_grad():
        seen = small(images).logits
    assert 0 < seen.min() < seen.max() < 1
    assert examine_target(small).outputs == "logits"


def test_the_last_layers_own_outputs_are_logits_whatever_they_are():
    network = build_network("exhume/small-cnn", {"width": 4, "feature_dim": 16}, 5, 1)
    with torch.no_grad():
        network.head.weight.mul_(1e-3)
        network.head.bias.fill_(0.2)
    found = examine_target(Target(network, GREY, 5))
    assert (found.outputs, found.notes) == ("logits", ())


def test_saturated_sigmoids_give_finite_logits():
    found = Target(nn.Sequential(nn.Flatten(), nn.Linear(1024, 2), nn.Sigmoid()), GREY, 2, "sigmoid")
    with torch.no_grad():
        found.network[1].weight.fill_(5)
        assert found(torch.rand(2, 1, 32, 32)).logits.isfinite().all()
        assert found(torch.zeros(2, 1, 32, 32)).logits.isfinite().all()


@pytest.mark.parametrize(
    "end",
    [
        lambda z: nn.functional.one_hot(z.argmax(1), z.shape[1]).float(),
        lambda z: z.round(),
        lambda z: (z == z.max(1, keepdim=True).values).float(),
        lambda z: torch.where(z == z.max(1, keepdim=True).values, 1.0, 0.0) * 0 + torch.eye(z.shape[1])[0],
    ],
    ids=["one-hot", "whole numbers", "compared", "always the same class"],
)
def test_decisions_are_rejected(end, target):
    wide = ended(target, lambda z: end(40 * z))
    with pytest.raises(HardOutputs):
        examine_target(wide)


@pytest.mark.parametrize(
    "step", [torch.round, lambda x: (255 * x).long() / 255, torch.sign], ids=["rounds", "whole", "sign"]
)
def test_a_network_without_gradients_is_rejected(step, target):
    class Stepped(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = target.network

        def forward(self, x):
            return self.inner(step(x))

    with pytest.raises(UnusableTarget, match="no gradient"):
        examine_target(Target(Stepped(), target.convention, target.num_classes).eval())


def test_an_unknown_kind_is_an_error():
    assert as_outputs("sigmoid") == "sigmoid"
    with pytest.raises(ValueError, match="known: logits"):
        as_outputs("hinge")
