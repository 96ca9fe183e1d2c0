"""Priors: networks, penalty, resumable training, keys and files."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from worker.bundled import omniglot
from worker.inversion.data import images_digest
from worker.inversion.errors import InvalidImages, InvalidRecipe, UnusableModel
from worker.inversion.priors import (
    PriorRecipe,
    bundled_prior,
    default_prior_recipe,
    load_prior,
    prior_key,
    save_prior,
    train_prior,
    training,
)
from worker.inversion.priors.augmentation import random_views
from worker.inversion.priors.networks import Critic, Generator
from worker.inversion.priors.non_saturating import NonSaturating
from worker.inversion.priors.wgan_gp import WganGp

TINY = {"steps": 4, "latent_dim": 12, "width": 8, "batch": 8, "gp_images": 4}
SMALL_BUDGET = {**TINY, "kind": "non-saturating", "kernel": 4, "critic_norm": False, "gp_every": 3, "mirror": True}


@pytest.mark.parametrize("shape", [(1, 32, 32), (3, 64, 64)])
def test_networks_have_the_papers_sizes(shape):
    G, D = Generator(100, 64, shape), Critic(64, shape)
    z = torch.randn(2, 100)
    x = G(z)
    assert x.shape == (2, *shape)
    assert x.min() >= 0
    assert x.max() <= 1
    assert D(x).shape == (2,)
    if shape == (3, 64, 64):
        assert sum(p.numel() for p in G.parameters()) == pytest.approx(5.1e6, rel=0.02)


def test_kernels_of_four_cost_a_third_less_and_give_the_same_shapes():
    G, D = Generator(100, 8, (3, 64, 64), kernel=4), Critic(8, (3, 64, 64), kernel=4, norm=False)
    x = G(torch.randn(2, 100))
    assert x.shape == (2, 3, 64, 64)
    assert D(x).shape == (2,)
    assert G.blocks[0].weight.numel() == Generator(100, 8, (3, 64, 64)).blocks[0].weight.numel() * 16 / 25


@pytest.mark.parametrize("norm", [True, False])
def test_an_image_has_the_same_critic_score_in_any_batch(norm):
    D, x = Critic(8, (1, 32, 32), norm=norm), torch.rand(6, 1, 32, 32)
    assert torch.allclose(D(x)[:2], D(x[:2]), atol=1e-5)
    assert D(x).std() > 1e-3


def test_the_penalty_vanishes_for_a_critic_of_slope_one(public_images):
    run = WganGp(public_images, PriorRecipe(**TINY), seed=0)
    x, fake = run.real(4), run.real(4)

    class Slope(torch.nn.Module):
        def __init__(self, slope: float) -> None:
            super().__init__()
            self.slope = slope

        def forward(self, images):
            return self.slope * images.flatten(1).sum(1) / 32  # the gradient has 1024 entries of slope / 32

    for slope, expected in ((1.0, 0.0), (3.0, 4.0), (0.0, 1.0)):
        run.D = Slope(slope)
        assert run.penalty(x, fake).item() == pytest.approx(expected, abs=1e-4)


def test_one_pass_through_the_critic_gives_the_generator_its_own_slope(public_images):
    run = NonSaturating(public_images, PriorRecipe(**{**SMALL_BUDGET, "gp": 0.0}), seed=0)
    again = NonSaturating(public_images, PriorRecipe(**{**SMALL_BUDGET, "gp": 0.0}), seed=0)
    run.step()
    again.real(TINY["batch"])  # the step's random draws, in order
    fake = again.G(torch.randn(TINY["batch"], TINY["latent_dim"], generator=again.rng))
    torch.nn.functional.softplus(-again.D(fake)).mean().backward()
    for ours, plain in zip(run.G.parameters(), again.G.parameters(), strict=True):
        assert torch.allclose(ours.grad, plain.grad, rtol=1e-3, atol=1e-7)


def test_the_penalty_at_real_images_is_the_squared_slope(public_images):
    run = NonSaturating(public_images, PriorRecipe(**SMALL_BUDGET), seed=0)
    weight = torch.randn(1, 32, 32, generator=torch.Generator().manual_seed(0))
    run.D = lambda x: (x * weight).sum((1, 2, 3))
    assert run.penalty(run.real(4)).item() == pytest.approx(weight.square().sum().item(), rel=1e-5)


@pytest.mark.parametrize("recipe", [TINY, SMALL_BUDGET], ids=lambda r: r.get("kind", "wgan-gp"))
def test_training_in_bf16_is_the_same_up_to_its_rounding(recipe, public_images):
    exact, rounded = (train_prior(public_images, {**recipe, "precision": p}, seed=2) for p in ("float32", "bf16"))
    assert rounded.recipe.precision == "bf16"
    assert all(p.dtype == torch.float32 for p in rounded.parameters())
    z = torch.randn(8, exact.latent_dim, generator=torch.Generator().manual_seed(0))
    one, other = exact.decode(z), rounded.decode(z)
    assert not torch.equal(one, other)
    assert (one - other).abs().mean() < 0.02
    rounded.G.blocks[0].register_forward_hook(lambda layer, args, out: seen.append(out.dtype))
    seen: list[torch.dtype] = []
    rounded.decode(z)
    assert seen == [torch.float32]  # the attack chooses its own precision


def test_the_precision_belongs_to_the_recipe():
    assert "precision" not in PriorRecipe(**TINY).to_dict()
    assert prior_key("sha256:0", TINY) != prior_key("sha256:0", {**TINY, "precision": "bf16"})
    with pytest.raises(InvalidRecipe, match="float32 or bf16"):
        PriorRecipe(**TINY, precision="fp8")


def test_mirrored_views_are_left_to_right(public_images):
    images = np.zeros((1, 16, 16), np.uint8)
    images[0, 3, :4] = 255
    run = NonSaturating(images, PriorRecipe(**SMALL_BUDGET), seed=0)
    views = run.real(64)[:, 0]
    turned = (views == torch.from_numpy(images[0]).flip(1) / 255).all(2).all(1)
    assert (turned | (views == torch.from_numpy(images[0]) / 255).all(2).all(1)).all()
    assert 20 < turned.sum() < 44


@pytest.mark.parametrize("recipe", [TINY, SMALL_BUDGET], ids=lambda r: r.get("kind", "wgan-gp"))
def test_a_resumed_training_equals_an_unbroken_one(recipe, public_images, tmp_path, monkeypatch):
    whole = train_prior(public_images, recipe, seed=2)

    class CutError(Exception):
        pass

    def cut(done, total, figures):
        steps.append(done)
        if done == 3:
            raise CutError

    steps: list[int] = []
    monkeypatch.setattr(training, "KEPT_EVERY", 2)
    path = tmp_path / "state"
    with pytest.raises(CutError):
        train_prior(public_images, recipe, seed=2, progress=cut, every=1, checkpoint=path)
    assert torch.load(path, weights_only=True)["done"] == 2
    resumed = train_prior(
        public_images, recipe, seed=2, checkpoint=path, every=1, progress=lambda done, *_: steps.append(done)
    )
    assert steps == [1, 2, 3, 3, 4]
    assert all(torch.equal(v, whole.state_dict()[k]) for k, v in resumed.state_dict().items())
    other = train_prior(public_images, recipe, seed=3)
    assert not torch.equal(other.G.project[0].weight, whole.G.project[0].weight)


@pytest.mark.parametrize("shape", [(28, 28), (48, 48), (32, 64), (8, 8)])
@pytest.mark.parametrize("recipe", [TINY, SMALL_BUDGET], ids=lambda r: r.get("kind", "wgan-gp"))
def test_images_that_no_generator_has_the_shape_of_are_rejected(recipe, shape):
    with pytest.raises(InvalidImages, match=rf"{shape[0]}x{shape[1]}.*pca"):
        train_prior(np.zeros((40, *shape), np.uint8), recipe, seed=0)


def test_training_moves_both_networks_and_reports(public_images):
    seen = []
    run = WganGp(public_images, PriorRecipe(**TINY), seed=0)
    before = {k: v.clone() for k, v in run.prior().state_dict().items() if k.endswith("weight")}
    prior = train_prior(public_images, TINY, seed=0, progress=lambda *a: seen.append(a), every=2)
    assert [(d, t) for d, t, _ in seen] == [(2, 4), (4, 4)]
    assert set(seen[0][2]) == {"distance", "penalty"}
    assert not any(torch.equal(v, prior.state_dict()[k]) for k, v in before.items())


def test_a_prior_survives_its_file(prior, tmp_path):
    save_prior(prior, tmp_path / "p.safetensors")
    save_prior(prior, tmp_path / "h.safetensors", half=True)
    z = torch.randn(3, prior.latent_dim)
    again, half = load_prior(tmp_path / "p.safetensors"), load_prior(tmp_path / "h.safetensors")
    assert torch.equal(again.decode(z), prior.decode(z))
    assert torch.allclose(half.decode(z), prior.decode(z), atol=1e-2)
    assert torch.equal(again.realism(again.decode(z)), prior.realism(prior.decode(z)))
    assert (again.latent_dim, again.shape, again.recipe) == (prior.latent_dim, prior.shape, prior.recipe)


def test_what_is_not_a_prior_is_rejected(prior, tmp_path):
    save_file({"a": torch.zeros(2)}, tmp_path / "a.safetensors")
    (tmp_path / "b.safetensors").write_bytes(b"")
    for name in "ab":
        with pytest.raises(UnusableModel):
            load_prior(tmp_path / f"{name}.safetensors")


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"steps": 5, "stepps": 1},
        {"steps": 0},
        {"steps": 5, "gp_images": 65},
        {"steps": 1, "kind": "x"},
        {"steps": 1, "kernel": 3},
    ],
)
def test_a_wrong_recipe_is_rejected(wrong):
    with pytest.raises(InvalidRecipe):
        PriorRecipe.from_dict(wrong)


def test_the_key_depends_on_images_recipe_and_seed_and_on_defaults_spelled_out_or_not():
    key = prior_key("sha256:a", TINY)
    assert key == prior_key("sha256:a", PriorRecipe(**TINY).to_dict())
    assert (
        len(
            {
                key,
                prior_key("sha256:b", TINY),
                prior_key("sha256:a", {**TINY, "steps": 5}),
                prior_key("sha256:a", TINY, 1),
            }
        )
        == 4
    )


def test_fields_added_to_recipes_later_leave_older_keys_as_they_were():
    assert not {"kernel", "critic_norm", "gp_every", "mirror"} & set(PriorRecipe(**TINY).to_dict())
    assert PriorRecipe.from_dict(PriorRecipe(**SMALL_BUDGET).to_dict()) == PriorRecipe(**SMALL_BUDGET)
    assert prior_key("sha256:a", TINY) == prior_key("sha256:a", {**TINY, "kernel": 5})
    assert prior_key("sha256:a", TINY) != prior_key("sha256:a", {**TINY, "kernel": 4})


def test_random_views_are_reproducible_symmetries_of_the_square(public_images):
    x = torch.rand(64, 1, 16, 16)
    a, b = (random_views(x, flips=True, affine=0.0, generator=torch.Generator().manual_seed(1)) for _ in range(2))
    assert torch.equal(a, b)
    symmetries = [torch.rot90(y, k, (2, 3)) for y in (x, x.flip(3)) for k in range(4)]
    which = [
        next((s for s, y in enumerate(symmetries) if torch.allclose(v, y[i], atol=1e-5)), None) for i, v in enumerate(a)
    ]
    assert set(which) == set(range(8))
    assert random_views(x, flips=False, affine=0.0, generator=torch.Generator()) is x
    assert (random_views(x, flips=False, affine=1.0, generator=torch.Generator()) - x).abs().mean() > 0.01


def test_the_shipped_prior_is_the_one_its_card_describes():
    public = omniglot.load().public.images
    recipe = default_prior_recipe((1, 32, 32))
    path = bundled_prior(prior_key(images_digest(public), recipe))
    assert path is not None
    assert path.stat().st_size < 4_000_000
    card = json.loads(path.with_suffix(".json").read_text())
    assert card["recipe"] == recipe
    assert card["images"] == images_digest(public)
    assert card["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    images = load_prior(path).decode(torch.randn(16, 100, generator=torch.Generator().manual_seed(0)))
    ink = images.mean((1, 2, 3)).numpy()
    assert np.all((ink > 0.01) & (ink < 0.4))
    assert np.std(ink) > 0.01
    assert isinstance(path, Path)
    assert bundled_prior("sha256:no") is None
