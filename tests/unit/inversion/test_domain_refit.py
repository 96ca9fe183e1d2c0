"""The domain refit moves a linear prior by the mean reconstruction, and nothing else."""

from __future__ import annotations

import copy
import dataclasses
import itertools

import numpy as np
import pytest
import torch

from tests.unit.inversion.tape import Tapes
from worker.inversion import domain_refit
from worker.inversion.attacks import Decoder, Reconstruction, descent
from worker.inversion.domain_refit import STEP, load_refit, refit_domain, save_refit
from worker.inversion.errors import UnusableModel
from worker.inversion.priors import train_prior

ATTACK = Decoder(setting="baseline", steps=2, micro_batch=8, views=2)


@pytest.fixture(scope="module")
def linear(public_images):
    return train_prior(public_images, {"kind": "pca", "steps": 4, "latent_dim": 8}, seed=0)


@pytest.fixture
def many_uncertain(target, monkeypatch):
    """The target, as if it had enough classes."""
    monkeypatch.setattr(domain_refit, "FEWEST_CLASSES", target.num_classes)
    monkeypatch.setattr(domain_refit, "SEARCH_STEPS", 2)
    return target


@pytest.fixture
def many(many_uncertain, monkeypatch):
    """The same, as if their mean had no error."""
    monkeypatch.setattr(domain_refit, "certain_share", lambda images, mean: 1.0)
    return many_uncertain


def test_the_mean_moves_towards_the_mean_reconstruction(many, linear, public_images, monkeypatch):
    priors = []

    def reconstructed(target, students, prior, p_reg, identities, attack, **more):
        priors.append(prior)
        assert (attack.restarts, attack.selection, attack.views_per_step) == (1, "consensus", 0)
        assert list(identities) == list(range(6))
        image = np.full((32, 32), 51, np.uint8)
        return [Reconstruction(image, k, 1, 0, 0.0, 1.0, True, 2, True, 8) for k in identities]

    monkeypatch.setattr(domain_refit, "run_attack", reconstructed)
    made = refit_domain(many, linear, public_images, None, ATTACK, seed=0)
    m = [p.G.mean for p in (*priors, made.prior)]
    assert torch.equal(m[0], linear.G.mean)
    for before, after in itertools.pairwise(m):
        assert torch.allclose(after - before, STEP * (0.2 - before.clamp(0, 1)), atol=1e-5)
    assert made.moved == pytest.approx([float((b - a).square().mean().sqrt()) for a, b in itertools.pairwise(m)])
    assert torch.equal(made.prior.D.mean, made.prior.G.mean)
    assert torch.equal(made.prior.G.components, linear.G.components)
    assert not torch.equal(m[-1], linear.G.mean), "and the prior that was given stays as it is"


@pytest.mark.parametrize(("offset", "stays"), [(6, True), (60, False)])
def test_the_mean_moves_only_by_what_exceeds_its_error(
    offset, stays, many_uncertain, linear, public_images, monkeypatch
):
    asked, reports = [], []
    given = copy.deepcopy(linear)
    given.G.mean = torch.full_like(given.G.mean, 0.4)

    def reconstructed(target, students, prior, p_reg, identities, attack, **more):
        asked.append(prior)
        images = [np.full((32, 32), 102 + offset + 20 * (-1) ** k, np.uint8) for k in identities]
        return [Reconstruction(x, k, 1, 0, 0.0, 1.0, True, 2, True, 8) for k, x in enumerate(images)]

    monkeypatch.setattr(domain_refit, "run_attack", reconstructed)
    made = refit_domain(
        many_uncertain, given, public_images, None, ATTACK, seed=0,
        progress=lambda done, total, figures: reports.append(done / total),
    )  # fmt: skip
    assert torch.equal(made.prior.G.mean, given.G.mean) == stays
    assert (made.moved == (0.0,)) == stays
    assert len(asked) == (1 if stays else 2), "a mean that stays ends the rounds"
    assert not stays or reports == [1]


def test_the_certain_share_is_that_of_james_and_stein():
    draw = torch.Generator().manual_seed(0)
    images = 0.5 + 0.1 * torch.randn(50, 3, 16, 16, generator=draw)
    error = 0.1**2 / 50
    for shift in (0.1, 0.02, 0.0):
        got = domain_refit.certain_share(images + shift, torch.full((3, 16, 16), 0.5))
        assert got == pytest.approx(1 - error / (shift**2 + error), abs=0.06), "the difference has the error in it"
    assert domain_refit.certain_share(torch.full((5, 1, 2, 2), 0.3), torch.full((1, 2, 2), 0.3)) == 0
    assert domain_refit.certain_share(torch.full((5, 1, 2, 2), 0.4), torch.full((1, 2, 2), 0.3)) == 1


def test_the_decoder_is_fitted_to_the_moved_images(many, linear, public_images, monkeypatch):
    seen = []
    real = domain_refit.decode_classes

    def decode(target, prior, public):
        seen.append(public.astype(int))
        return real(target, prior, public)

    monkeypatch.setattr(domain_refit, "decode_classes", decode)
    made = refit_domain(many, linear, public_images, None, ATTACK, seed=0)
    assert len(seen) == 3
    move = (made.prior.G.mean - linear.G.mean).view(32, 32).numpy()
    expected = np.clip(public_images / 255 + move, 0, 1) * 255
    assert np.abs(seen[-1] - expected).max() <= 1.5
    assert torch.equal(made.latents, real(many, made.prior, seen[-1].astype(np.uint8)).latents)


def test_a_setting_with_students_is_refitted_without_them(many, linear, public_images, p_reg):
    with_students, without = (
        refit_domain(many, linear, public_images, p_reg, dataclasses.replace(ATTACK, setting=setting), seed=0)
        for setting in ("lomma", "lom")
    )
    assert torch.equal(with_students.latents, without.latents)
    assert with_students.moved == without.moved


@pytest.mark.parametrize("kind", ["few classes", "not linear"])
def test_few_classes_and_other_priors_keep_their_mean(kind, target, linear, prior, public_images):
    given = linear if kind == "few classes" else prior
    made = refit_domain(target, given, public_images, None, ATTACK, seed=0)
    assert made.prior is given
    assert made.moved == ()
    assert made.latents.shape == (6, given.latent_dim)


def test_a_refit_is_reproducible_and_comes_back_from_its_file(many, linear, public_images, tmp_path):
    once, again = (refit_domain(many, linear, public_images, None, ATTACK, seed=3) for _ in range(2))
    assert torch.equal(once.latents, again.latents)
    path = tmp_path / "refit.safetensors"
    save_refit(once, path)
    back = load_refit(path, linear)
    assert torch.equal(back.latents, once.latents)
    assert torch.allclose(back.prior.G.mean, once.prior.G.mean, atol=1e-6)
    assert back.to_dict() == once.to_dict()
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(UnusableModel, match="cannot be read"):
        load_refit(path, linear)


def test_progress_covers_all_rounds(many, linear, public_images):
    seen: list[float] = []
    refit_domain(
        many, linear, public_images, None, dataclasses.replace(ATTACK, check_every=1), seed=0,
        progress=lambda done, total, figures: seen.append(done / total),
    )  # fmt: skip
    assert seen == sorted(seen)
    assert seen[-1] == 1


def test_its_searches_are_recorded_where_steps_are(many, linear, public_images, monkeypatch):
    monkeypatch.setattr(descent, "FEWEST_STEPS", 1)
    tapes = Tapes()
    eager, replayed = (
        refit_domain(many, linear, public_images, None, ATTACK, seed=3, rounds=1, recorder=one) for one in (None, tapes)
    )
    assert tapes.recorded == 1
    assert torch.equal(replayed.prior.G.mean, eager.prior.G.mean)
