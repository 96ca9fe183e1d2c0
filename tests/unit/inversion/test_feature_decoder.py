"""The feature decoder is ridge regression with cross-validation, read along the classes."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from worker.inversion.data import to_tensor
from worker.inversion.feature_decoder import RIDGES, _directions, decode_classes
from worker.inversion.priors import train_prior
from worker.inversion.targets import Target
from worker.inversion.targets.cosine_layer import CosineLayer


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    rng = np.random.default_rng(0)
    waves = rng.normal(0, 1, (10, 32 * 32)) * np.linspace(30, 5, 10)[:, None]
    return np.clip(128 + rng.normal(0, 1, (300, 10)) @ waves, 0, 255).round().astype(np.uint8).reshape(300, 32, 32)


@pytest.fixture(scope="module")
def linear(images: np.ndarray):
    return train_prior(images, {"kind": "pca", "steps": 6, "latent_dim": 8}, seed=0)


def by_hand(target: Target, prior, images: np.ndarray, length: float) -> tuple[np.ndarray, float]:
    """The decoder's latents and ridge, by NumPy's solvers and the network's own last layer."""
    with torch.no_grad():
        x = to_tensor(images)
        P, Z = target(x).features.double().numpy(), prior.D.latents(x).double().numpy()
    r = length * np.median(np.linalg.norm(Z, axis=1))
    P, Z, n = P - P.mean(0), Z - Z.mean(0), len(P)
    scale = (P**2).sum() / n / P.shape[1]
    errors = []
    for ridge in RIDGES.numpy() * scale:
        hat = P @ np.linalg.solve(P.T @ P + n * ridge * np.eye(P.shape[1]), P.T)
        errors.append(((Z - hat @ Z) ** 2).sum() / (1 - np.trace(hat) / n) ** 2)
    ridge = RIDGES.numpy()[int(np.argmin(errors))]
    A = np.linalg.solve(P.T @ P / n + ridge * scale * np.eye(P.shape[1]), P.T @ Z / n)
    W = target.network.head.weight.detach().double().numpy()
    u = (W - W.mean(0)) @ A
    return r * u / np.linalg.norm(u, axis=1, keepdims=True), float(ridge)


def test_it_is_the_ridge_regression_of_the_formula(target: Target, linear, images: np.ndarray) -> None:
    made = decode_classes(target, linear, images, length=0.7)
    latents, ridge = by_hand(target, linear, images, 0.7)
    assert made.latents.shape == (target.num_classes, 8)
    assert made.ridge == pytest.approx(ridge)
    cosines = torch.nn.functional.cosine_similarity(made.latents.double(), torch.tensor(latents))
    assert float(cosines.min()) > 0.98
    assert np.allclose(made.latents.norm(dim=1), np.linalg.norm(latents, axis=1), rtol=1e-4)
    assert 0 < made.explained < 1


def test_more_features_than_images_give_the_same_formula(target: Target, linear, images: np.ndarray) -> None:
    few = images[:21]
    assert len(few) < target.network.head.in_features
    made = decode_classes(target, linear, few, length=0.5)
    latents, ridge = by_hand(target, linear, few, 0.5)
    assert made.ridge == pytest.approx(ridge)
    P = torch.randn(7, 50, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    variances, V = _directions(P - P.mean(0))
    full = torch.linalg.eigvalsh((P - P.mean(0)).T @ (P - P.mean(0)) / 7)
    assert variances.shape == (6,), "one direction is lost with the mean"
    assert torch.allclose(variances, full[-6:])
    assert torch.allclose(V.T @ V, torch.eye(6, dtype=torch.float64), atol=1e-9)
    cosines = torch.nn.functional.cosine_similarity(made.latents.double(), torch.tensor(latents))
    assert float(cosines.min()) > 0.9
    assert np.allclose(made.latents.norm(dim=1), np.linalg.norm(latents, axis=1), rtol=1e-4)


def test_it_needs_neither_a_linear_prior_nor_public_images(target: Target, prior, linear, public_images) -> None:
    for made in (decode_classes(target, prior, public_images), decode_classes(target, linear)):
        assert made.latents.isfinite().all()
    assert torch.equal(decode_classes(target, prior, public_images).latents, decode_classes(target, prior).latents)


def test_a_latent_that_the_target_reads_off_is_found(target: Target, linear, images: np.ndarray) -> None:
    """The target's features are the first latents, and class k is the k-th of them."""

    class Reader(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.head = torch.nn.Linear(6, 6, bias=False)
            self.head.weight.data = torch.eye(6)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.head(linear.D.latents(x)[:, :6])

    reader = Target(Reader(), target.convention.__class__(32, 32, 1), 6).eval()
    made = decode_classes(reader, linear, images)
    expected = torch.cat([torch.eye(6) - 1 / 6, torch.zeros(6, 2)], 1)
    cosines = torch.nn.functional.cosine_similarity(made.latents, expected)
    assert float(cosines.min()) > 0.99
    assert made.explained > 0.6


def test_the_classes_of_a_cosine_layer_are_read_as_those_of_a_linear_one(
    target: Target, linear, images: np.ndarray
) -> None:
    """Both networks have the same logits, and only one divides the features itself."""
    torch.manual_seed(0)
    read = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(32 * 32, 16))
    cosine = CosineLayer(16, 6, 64.0)
    plain = torch.nn.Linear(16, 6, bias=False)
    plain.weight.data = 64 * torch.nn.functional.normalize(cosine.weight.data)

    class Divided(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch.nn.functional.normalize(x)

    convention = target.convention.__class__(32, 32, 1)
    made, expected = (
        decode_classes(Target(torch.nn.Sequential(read, *rest), convention, 6).eval(), linear, images)
        for rest in ([cosine], [Divided(), plain])
    )
    assert made.ridge == pytest.approx(expected.ridge)
    assert torch.allclose(made.latents, expected.latents, atol=1e-3)
