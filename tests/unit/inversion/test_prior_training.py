"""Training of priors: augmentation, the kernel distance, samples, and stopping on a plateau."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from worker.inversion.errors import InvalidRecipe, TrainingDiverged
from worker.inversion.priors import PriorRecipe, default_prior_recipe, prior_key, train_prior, training
from worker.inversion.priors.augmentation import diff_augment
from worker.inversion.priors.kernel_distance import kernel_distance, random_features
from worker.inversion.priors.recipe import AUGMENTATIONS

TINY = {"steps": 6, "latent_dim": 12, "width": 4, "batch": 8, "gp_images": 4}


def rng(seed=1):
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("policy", [*AUGMENTATIONS, "translation,cutout,colour"])
def test_augmentation_changes_images_passes_gradients_and_repeats(policy):
    x = torch.rand(6, 3, 16, 16, requires_grad=True)
    out = diff_augment(x, policy, rng())
    assert torch.equal(out, diff_augment(x, policy, rng()))
    assert out.shape == x.shape
    assert (out - x).abs().mean() > 0.01
    (g,) = torch.autograd.grad(out.square().sum(), x)
    assert (g.abs().sum((1, 2, 3)) > 0).all()


def test_each_augmentation_is_what_it_says():
    x = torch.rand(32, 1, 16, 16) + 0.1
    cut = diff_augment(x, "cutout", rng()) == 0
    assert 0 < cut.float().mean((1, 2, 3)).max() <= 0.25
    moved = diff_augment(x, "translation", rng())
    for image, start in zip(moved, x, strict=True):
        shifts = [
            torch.equal(image[0, 2:-2, 2:-2], torch.roll(start[0], (dy, dx), (0, 1))[2:-2, 2:-2])
            for dy in range(-2, 3)
            for dx in range(-2, 3)
        ]
        assert shifts.count(True) == 1


def test_no_policy_changes_nothing_and_draws_nothing():
    g = rng()
    before, x = g.get_state(), torch.rand(2, 1, 16, 16)
    assert diff_augment(x, "", g) is x
    assert torch.equal(before, g.get_state())


@pytest.mark.parametrize("kind", ["wgan-gp", "non-saturating"])
def test_a_recipe_s_augmentation_is_used(kind, public_images):
    plain, other = (train_prior(public_images, TINY | {"kind": kind, "augment": a}, seed=0) for a in ("", "cutout"))
    assert not torch.equal(plain.G.project[0].weight, other.G.project[0].weight)
    with pytest.raises(InvalidRecipe, match="augment"):
        PriorRecipe.from_dict(TINY | {"augment": "blur"})


def test_the_kernel_distance_is_the_unbiased_estimate():
    a, b = np.random.default_rng(0).normal(size=(2, 6, 4))

    def k(x, y):
        return (x @ y / 4 + 1) ** 3

    within = [sum(k(x[i], x[j]) for i in range(6) for j in range(6) if i != j) / 30 for x in (a, b)]
    across = sum(k(x, y) for x in a for y in b) / 36
    assert kernel_distance(torch.from_numpy(a), torch.from_numpy(b)) == pytest.approx(sum(within) - 2 * across)


def test_the_kernel_distance_tells_kinds_of_images_apart(public_images):
    x = torch.from_numpy(public_images).float()[:, None] / 255
    same = kernel_distance(random_features(x[:20]), random_features(x[20:]))
    noise = kernel_distance(random_features(x[:20]), random_features(torch.rand(20, 1, 32, 32)))
    assert noise > 10 * abs(same)


def test_the_distance_and_samples_come_through_the_callbacks(public_images, monkeypatch):
    monkeypatch.setattr(training, "MEASURED_EVERY", 2)
    figures, sheets = [], []
    train_prior(
        public_images, TINY, seed=0, every=2, progress=lambda d, t, f: figures.append(f),
        samples=lambda step, images: sheets.append((step, images)),
    )  # fmt: skip
    assert all(np.isfinite(f["kid"]) for f in figures)
    assert [step for step, _ in sheets] == [2, 4, 6]
    assert sheets[0][1].shape == (16, 32, 32)
    assert sheets[0][1].dtype == np.uint8


def test_a_training_that_diverges_says_so_and_leaves_no_broken_state(public_images, tmp_path):
    recipe = TINY | {"lr_critic": 1e30, "steps": 40}
    with pytest.raises(TrainingDiverged, match=r"diverged at step \d+ of 40 .* lower lr_critic"):
        train_prior(public_images, recipe, seed=0, checkpoint=tmp_path / "c.pt")
    assert not (tmp_path / "c.pt").exists()


def test_measuring_does_not_change_what_is_trained(public_images, monkeypatch):
    plain = train_prior(public_images, TINY, seed=0)
    monkeypatch.setattr(training, "MEASURED_EVERY", 2)
    measured = train_prior(public_images, TINY, seed=0)
    assert all(torch.equal(v, measured.state_dict()[k]) for k, v in plain.state_dict().items())


def test_training_stops_on_a_plateau_and_a_resumed_run_stops_at_the_same_step(public_images, monkeypatch, tmp_path):
    monkeypatch.setattr(training, "MEASURED_EVERY", 1)
    distances = iter([5.0, 3.0, 4.0, 3.5, 1.0, 1.0])
    monkeypatch.setattr(training, "measure", lambda run, samples: next(distances))
    seen = []
    recipe, path = TINY | {"patience": 2, "steps": 100}, tmp_path / "c.pt"
    train_prior(public_images, recipe, seed=0, checkpoint=path, every=1, progress=lambda d, t, f: seen.append(d))
    assert seen == [1, 2, 3, 4]
    train_prior(public_images, recipe, seed=0, checkpoint=path, progress=lambda *_: pytest.fail("trained on"))


def test_keys_of_the_default_recipes_are_those_of_before():
    """Fields added since must not change the keys by which priors are found."""
    assert set(default_prior_recipe((1, 32, 32))) == {
        "steps", "kind", "latent_dim", "width", "batch", "n_critic", "gp", "gp_images", "lr_generator", "lr_critic",
        "beta1", "beta2", "ema", "flips", "affine",
    }  # fmt: skip
    assert prior_key("x", TINY) == prior_key("x", TINY | {"patience": 0, "augment": ""})
    assert prior_key("x", TINY) != prior_key("x", TINY | {"patience": 1})


@pytest.mark.parametrize("shape", [(1, 32, 32), (3, 64, 64)])
def test_every_kind_has_a_default_recipe(shape):
    for kind in training.priors:
        recipe = default_prior_recipe(shape, kind, num_classes=5 if kind == "kedmi" else 0)
        assert PriorRecipe.from_dict(recipe).kind == kind
