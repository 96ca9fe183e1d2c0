"""Tiny networks on which every property of the engine can be checked in seconds."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from worker.inversion.priors import Prior, train_prior
from worker.inversion.students import public_feature_mean, train_students
from worker.inversion.targets import InputConvention, Target, build_network

CLASSES = 6
TINY_PRIOR = {"steps": 3, "latent_dim": 12, "width": 8, "batch": 8, "gp_images": 4, "flips": True, "affine": 1.0}
TINY_STUDENTS = {
    "networks": [
        ["exhume/small-cnn", {"width": 4, "feature_dim": 16}],
        ["exhume/small-cnn", {"width": 6, "feature_dim": 16}],
    ],
    "epochs": 1,
    "views": 2,
}


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> None:
    """Fix the number of threads, which determines the order of sums and so their last bits."""
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def public_images() -> np.ndarray:
    """(40, 32, 32) uint8: random bars, with enough structure for a loss to fall."""
    rng = np.random.default_rng(5)
    images = np.zeros((40, 32, 32), np.uint8)
    for image in images:
        a, b = rng.integers(4, 26, 2)
        image[a : a + 3, 4:28] = 255
        image[4:28, b : b + 3] = 255
    return images


@pytest.fixture(scope="session")
def target() -> Target:
    network = build_network("exhume/small-cnn", {"width": 8, "feature_dim": 24, "dropout": 0.5}, CLASSES, 1, seed=3)
    generator = torch.Generator().manual_seed(0)
    for layer in network.modules():  # running statistics as after training
        if isinstance(layer, torch.nn.modules.batchnorm._BatchNorm):
            layer.running_mean.normal_(0, 0.1, generator=generator)
            layer.running_var.uniform_(0.5, 1.5, generator=generator)
    return Target(network, InputConvention(32, 32, 1, mean=(0.5,), std=(0.5,)), CLASSES).eval()


@pytest.fixture(scope="session")
def prior(public_images: np.ndarray) -> Prior:
    return train_prior(public_images, TINY_PRIOR, seed=1)


@pytest.fixture(scope="session")
def students(target: Target, public_images: np.ndarray) -> list[Target]:
    return train_students(target, public_images, TINY_STUDENTS, seed=1)


@pytest.fixture(scope="session")
def p_reg(target: Target, public_images: np.ndarray) -> torch.Tensor:
    return public_feature_mean(target, public_images)
