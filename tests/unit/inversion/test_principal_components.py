"""The linear prior against NumPy's own decomposition, its likelihood, and its errors."""

from pathlib import Path

import numpy as np
import pytest
import torch

from worker.inversion.errors import InvalidRecipe
from worker.inversion.priors import default_prior_recipe, load_prior, save_prior, train_prior
from worker.inversion.priors.prior import Prior
from worker.inversion.priors.training import start_training

RECIPE = {"kind": "pca", "steps": 6, "latent_dim": 8}


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    """200 smooth colour images with few degrees of freedom, well inside the range of pixels."""
    rng = np.random.default_rng(0)
    waves = rng.normal(0, 1, (12, 16 * 16 * 3)) * np.linspace(3, 0.5, 12)[:, None]
    return np.clip(128 + rng.normal(0, 4, (200, 12)) @ waves, 0, 255).round().astype(np.uint8).reshape(200, 16, 16, 3)


@pytest.fixture(scope="module")
def prior(images: np.ndarray) -> Prior:
    return train_prior(images, RECIPE, seed=0)


def pixels(images: np.ndarray) -> np.ndarray:
    return images.transpose(0, 3, 1, 2).reshape(len(images), -1) / 255.0


def test_mean_and_components_are_those_of_a_singular_value_decomposition(prior: Prior, images: np.ndarray) -> None:
    x = pixels(images)
    _, s, w = np.linalg.svd(x - x.mean(0), full_matrices=False)
    ours = prior.G.components.numpy()
    np.testing.assert_allclose(prior.G.mean.numpy(), x.mean(0), atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(ours, axis=1), s[:8] / 200**0.5, rtol=1e-3)
    cosines = np.abs((ours / np.linalg.norm(ours, axis=1, keepdims=True) * w[:8]).sum(1))
    assert cosines.min() > 0.999


def test_realism_is_the_log_density_of_the_latent(prior: Prior) -> None:
    z = 0.5 * torch.randn(5, 8, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(prior.realism(prior.decode(z)), -0.5 * z.square().sum(1), rtol=1e-3, atol=1e-3)


def test_public_images_have_unit_variance_in_every_latent(prior: Prior, images: np.ndarray) -> None:
    x = torch.from_numpy(pixels(images)).float().view(-1, 3, 16, 16)
    z = prior.D.latents(x)
    torch.testing.assert_close(z.std(0, correction=0), torch.ones(8), rtol=1e-2, atol=0)


def test_mirrored_images_make_a_symmetric_prior(images: np.ndarray) -> None:
    prior = train_prior(images, RECIPE | {"mirror": True}, seed=0)
    mean = prior.G.mean.view(3, 16, 16)
    torch.testing.assert_close(mean, mean.flip(2))


def test_the_same_seed_gives_the_same_bits(prior: Prior, images: np.ndarray) -> None:
    again = train_prior(images, RECIPE, seed=0)
    assert torch.equal(again.G.components, prior.G.components)


def test_saved_components_are_read_unchanged(prior: Prior, tmp_path: Path) -> None:
    save_prior(prior, tmp_path / "p.safetensors")
    read = load_prior(tmp_path / "p.safetensors")
    z = torch.randn(3, 8, generator=torch.Generator().manual_seed(1))
    assert torch.equal(read.decode(z), prior.decode(z))
    assert torch.equal(read.realism(read.decode(z)), prior.realism(prior.decode(z)))


def test_too_few_images_are_rejected_with_the_way_out(images: np.ndarray) -> None:
    with pytest.raises(InvalidRecipe, match="lower latent_dim or give more public images"):
        train_prior(images[:8], RECIPE, seed=0)


def test_starting_a_training_of_it_is_rejected_with_the_way_out(images: np.ndarray) -> None:
    with pytest.raises(InvalidRecipe, match=r"fitted, not trained.*call train_prior"):
        start_training(images, RECIPE, seed=0, checkpoint=None)


def test_photographs_are_mirrored_and_drawings_are_not() -> None:
    assert default_prior_recipe((3, 64, 64), "pca")["mirror"] is True
    assert "mirror" not in default_prior_recipe((1, 32, 32), "pca")
