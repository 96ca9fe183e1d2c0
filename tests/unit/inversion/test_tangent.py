"""The alignment of a gradient with a linear prior, on gradients that are known."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from worker.inversion.attacks import Gmi, Reconstruction
from worker.inversion.priors import train_prior
from worker.inversion.tangent import MOST, tangent_alignment
from worker.inversion.targets import InputConvention, Target

ATTACK = Gmi(setting="lom", lambda_reg=0.0)


@pytest.fixture(scope="module")
def linear(public_images):
    return train_prior(public_images, {"kind": "pca", "steps": 4, "latent_dim": 8}, seed=0)


def weighted(*weights: torch.Tensor) -> Target:
    """Return a target whose logit of class k has the gradient weights[k]."""
    head = nn.Linear(32 * 32, len(weights), bias=False)
    head.weight.data = torch.stack([w.flatten() for w in weights])
    return Target(nn.Sequential(nn.Flatten(), head), InputConvention(32, 32, 1), len(weights)).eval()


def submitted(image: np.ndarray, identity: int, *, selected: bool = True) -> Reconstruction:
    return Reconstruction(image, identity, 0, 0, 0.0, 1.0, selected, 1, True, 8)


def test_only_the_part_of_a_gradient_along_the_components_counts(linear):
    grey, W = np.full((32, 32), 128, np.uint8), linear.G.components
    inside = W[0] / W[0].norm() + W[3] / W[3].norm()
    noise = torch.randn(1024, generator=torch.Generator().manual_seed(0))
    outside = noise - torch.linalg.lstsq(W.T, noise[:, None]).solution[:, 0] @ W
    half = inside / inside.norm() + outside / outside.norm()
    found = tangent_alignment(
        weighted(inside, outside, half), linear, None, ATTACK, [submitted(grey, k) for k in range(3)]
    )
    assert found == pytest.approx([1, 0, 0.5**0.5], abs=1e-3)


def test_the_prior_cannot_move_a_clipped_pixel(linear):
    image = np.full((32, 32), 128, np.uint8)
    image[:16] = 255
    w = torch.zeros(32, 32)
    w[:16] = 1
    assert tangent_alignment(weighted(w, -w), linear, None, ATTACK, [submitted(image, 0)]) == [0]


def test_submissions_alone_are_measured_and_not_all_of_them(linear, target):
    image = np.full((32, 32), 128, np.uint8)
    both = [submitted(image, k % 6, selected=k % 2 == 0) for k in range(4 * MOST)]
    assert len(tangent_alignment(target, linear, None, ATTACK, both)) == MOST
    assert len(tangent_alignment(target, linear, None, ATTACK, both[:4])) == 2


def test_no_other_prior_has_an_exact_tangent_space(prior, target):
    image = np.full((32, 32), 128, np.uint8)
    assert tangent_alignment(target, prior, None, ATTACK, [submitted(image, 0)]) == []
    assert tangent_alignment(target, None, None, ATTACK, [submitted(image, 0)]) == []
