"""Attacks on another model share what is made of it."""

import dataclasses

import pytest
import torch

from worker.evaluation import procedure
from worker.evaluation.procedure import OtherModel
from worker.inversion import domain_refit
from worker.inversion.attacks import ClosedForm, WarmStart
from worker.inversion.priors import load_prior, save_prior, train_prior


@pytest.fixture(scope="module")
def linear(public_images):
    return train_prior(public_images, {"kind": "pca", "steps": 4, "latent_dim": 8}, seed=0)


def test_attacks_with_one_prior_and_one_loss_share_the_refit_and_the_features(
    target, linear, public_images, tmp_path, monkeypatch
):
    monkeypatch.setattr(domain_refit, "FEWEST_CLASSES", target.num_classes)
    monkeypatch.setattr(domain_refit, "SEARCH_STEPS", 2)
    monkeypatch.setattr(domain_refit, "certain_share", lambda images, mean: 1.0)
    made = []
    for name in ("refit_domain", "public_features"):
        real = getattr(procedure, name)
        monkeypatch.setattr(procedure, name, lambda *a, real=real, name=name, **k: made.append(name) or real(*a, **k))
    save_prior(linear, tmp_path / "again.safetensors")
    model, again = OtherModel(target, public_images, seed=1), load_prior(tmp_path / "again.safetensors")
    search = WarmStart(steps=2, micro_batch=4, views=2)
    first, second = model.attack(linear, [0, 3], ClosedForm()), model.attack(again, [0, 3], search)
    assert sorted(made) == ["public_features", "refit_domain"]
    assert torch.equal(first.prior.G.mean, second.prior.G.mean)
    assert not torch.equal(first.prior.G.mean, linear.G.mean)
    other = train_prior(public_images, {"kind": "pca", "steps": 4, "latent_dim": 7}, seed=0)
    model.attack(other, [0], ClosedForm())
    model.attack(linear, [0], dataclasses.replace(search, setting="baseline"))
    assert made.count("refit_domain") == 3
    alone = OtherModel(target, public_images, seed=1).attack(linear, [0, 3], search)
    assert [one.digest for one in alone.found] == [one.digest for one in second.found]
