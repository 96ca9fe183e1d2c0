"""The KEDMI prior: losses, labels, realism independent of the batch, resuming, and its key."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from worker.inversion.errors import InvalidRecipe
from worker.inversion.priors import load_prior, prior_key, save_prior, train_prior
from worker.inversion.priors.kedmi import KedmiGan, discriminator_loss, generator_loss
from worker.inversion.priors.recipe import PUBLISHED, PriorRecipe
from worker.inversion.priors.training import keep, start_training

TINY = {"kind": "kedmi", "steps": 3, "latent_dim": 12, "width": 4, "batch": 8, "gp_images": 4, "num_classes": 6}


@pytest.fixture(scope="module")
def kedmi(public_images, target):
    return train_prior(public_images, TINY, seed=1, target=target)


def test_the_losses_are_the_papers():
    a, t, u, g = np.random.default_rng(0).normal(0, 2, (4, 5, 3))

    def level(x):
        return np.log(np.exp(x).sum(1))

    p = np.exp(t) / np.exp(t).sum(1, keepdims=True)
    soft = -(p * (a - level(a)[:, None])).sum(1).mean()
    real = np.exp(level(u)) / (np.exp(level(u)) + 1)  # Z / (Z + 1)
    fake = np.exp(level(g)) / (np.exp(level(g)) + 1)
    expected = soft - 0.5 * (np.log(real).mean() + np.log(1 - fake).mean())
    assert float(discriminator_loss(*map(torch.from_numpy, (a, t, u, g)))) == pytest.approx(expected)
    f, f_u = np.random.default_rng(1).normal(size=(2, 5, 7))
    q = np.exp(g) / np.exp(g).sum(1, keepdims=True)
    expected = np.abs(f.mean(0) - f_u.mean(0)).mean() - 1e-4 * (q * np.log(q)).sum()
    assert float(generator_loss(*map(torch.from_numpy, (f, f_u, g)))) == pytest.approx(expected)


def test_an_image_s_realism_does_not_depend_on_its_batch(kedmi):
    x = torch.rand(8, 1, 32, 32)
    alone = torch.cat([kedmi.realism(x[i : i + 1]) for i in range(8)])
    assert torch.allclose(kedmi.realism(x), alone, atol=1e-5)
    assert (alone <= 0).all()
    assert alone.std() > 0


def test_in_training_the_batch_does_matter(kedmi):
    x = torch.rand(1, 1, 32, 32) + 0.001 * torch.rand(8, 1, 32, 32)  # close together, so that they affect each other
    ((_, logits),) = kedmi.D.in_batches(x)
    ((_, others),) = kedmi.D.in_batches(x[:4])
    assert not torch.allclose(logits[:4], others, atol=1e-3)


def test_the_stored_companions_are_samples_of_the_generator(kedmi):
    z = torch.randn(63, 12, generator=torch.Generator().manual_seed(1))
    expected = kedmi.D.projected(kedmi.D.features(kedmi.decode(z)))
    assert torch.allclose(kedmi.D.reference, expected, atol=1e-5)
    assert kedmi.D.reference.abs().sum() > 0


def test_the_target_labels_in_eval_mode_and_is_left_as_it_was(public_images, target):
    run = KedmiGan(public_images, PriorRecipe(**TINY), 0, target)
    x = torch.rand(4, 1, 32, 32)
    with torch.no_grad():
        expected = target(x).logits
    before = {k: v.clone() for k, v in target.state_dict().items()}
    target.train()
    try:
        assert torch.equal(run.labels(x), expected)
        run.step()
        assert all(m.training for m in target.modules())
    finally:
        target.eval()
    assert all(torch.equal(v, before[k]) for k, v in target.state_dict().items())
    assert all(p.grad is None for p in target.parameters())


def test_a_resumed_training_equals_an_unbroken_one(public_images, target, kedmi, tmp_path):
    run = start_training(public_images, TINY, seed=1, checkpoint=None, target=target)
    run.step()
    keep(run, tmp_path / "c.pt")
    resumed = train_prior(public_images, TINY, seed=1, target=target, checkpoint=tmp_path / "c.pt")
    assert all(torch.equal(v, resumed.state_dict()[k]) for k, v in kedmi.state_dict().items())


def test_a_saved_prior_is_read_unchanged(kedmi, tmp_path):
    save_prior(kedmi, tmp_path / "p.safetensors")
    again, x = load_prior(tmp_path / "p.safetensors"), torch.rand(2, 1, 32, 32)
    assert torch.equal(again.realism(x), kedmi.realism(x))
    assert again.recipe == kedmi.recipe


def test_a_target_and_its_class_count_are_asked_for(public_images, target):
    with pytest.raises(InvalidRecipe, match="needs a target"):
        train_prior(public_images, TINY, seed=1)
    with pytest.raises(InvalidRecipe, match="needs a target"):
        train_prior(public_images, TINY | {"num_classes": 7}, seed=1, target=target)
    with pytest.raises(InvalidRecipe, match="num_classes"):
        PriorRecipe.from_dict(TINY | {"num_classes": 0})
    with pytest.raises(InvalidRecipe, match="num_classes"):
        PriorRecipe.from_dict({"steps": 3, "num_classes": 6})


def test_its_key_depends_on_the_target_and_that_of_others_does_not():
    assert prior_key("i", TINY, target="a") != prior_key("i", TINY, target="b")
    assert prior_key("i", {"steps": 3}, target="a") == prior_key("i", {"steps": 3})
    with pytest.raises(InvalidRecipe, match="belongs to a target"):
        prior_key("i", TINY)


def test_the_published_recipes_are_what_the_papers_say():
    gmi = PriorRecipe(steps=1, **PUBLISHED["wgan-gp"])
    assert (gmi.n_critic, gmi.gp, gmi.lr_generator, gmi.lr_critic) == (5, 10, 2e-4, 2e-4)
    assert (gmi.beta1, gmi.beta2, gmi.batch, gmi.gp_images, gmi.width) == (0.5, 0.999, 64, 64, 64)
    assert PriorRecipe(steps=1, kind="kedmi", num_classes=9, **PUBLISHED["kedmi"]).n_critic == 5
