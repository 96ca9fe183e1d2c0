"""Each loss against an independent NumPy formula and, for its gradient, finite differences."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from worker.inversion.attacks import AttackConfig
from worker.inversion.attacks.gmi import Objective
from worker.inversion.losses import ce, feature_regulariser, lom, model_average

LOGITS = np.random.default_rng(0).normal(0, 3, (5, 4))
Y = np.array([0, 3, 1, 1, 2])


def numpy_ce(a, y):
    return np.log(np.exp(a).sum(1)) - a[np.arange(len(y)), y]


def numpy_lom(a, y):
    return -a[np.arange(len(y)), y]


@pytest.mark.parametrize(("loss", "formula"), [(ce, numpy_ce), (lom, numpy_lom)])
def test_identity_losses_and_their_slopes(loss, formula):
    a = torch.from_numpy(LOGITS).requires_grad_()
    out = loss(a, torch.from_numpy(Y))
    assert np.allclose(out.detach(), formula(LOGITS, Y))
    (slope,) = torch.autograd.grad(out.sum(), a)
    for i in range(5):
        for j in range(4):
            up, down = LOGITS.copy(), LOGITS.copy()
            up[i, j] += 1e-5
            down[i, j] -= 1e-5
            assert slope[i, j].item() == pytest.approx((formula(up, Y) - formula(down, Y)).sum() / 2e-5, abs=1e-6)


def test_the_regulariser_is_the_mean_over_feature_dimensions():
    p, r = np.random.default_rng(1).normal(size=(3, 6)), np.random.default_rng(2).normal(size=6)
    out = feature_regulariser(torch.from_numpy(p), torch.from_numpy(r))
    assert np.allclose(out, ((p - r) ** 2).mean(1))


def test_model_average_weighs_target_and_students_alike():
    losses = [torch.tensor([3.0, 0.0]), torch.tensor([0.0, 3.0]), torch.tensor([0.0, 0.0])]
    assert model_average(losses).tolist() == [1.0, 1.0]


@pytest.mark.parametrize("setting", ["baseline", "lom", "ma", "lomma"])
def test_the_objective_is_the_papers(setting, target, students, prior, p_reg):
    c = AttackConfig(setting=setting, lambda_reg=0.7, identity_weight=90, realism_weight=2)
    z, y = torch.randn(4, prior.latent_dim, generator=torch.Generator().manual_seed(3)), torch.tensor([0, 1, 2, 3])
    with torch.no_grad():
        x = prior.decode(z)
        models = [target, *students] if setting in ("ma", "lomma") else [target]
        answers = [m(x).logits.numpy() for m in models]
        formula = numpy_lom if setting in ("lom", "lomma") else numpy_ce
        identity = sum(formula(a, y.numpy()) for a in answers) / len(models)
        if setting in ("lom", "lomma"):
            identity = identity + 0.7 * ((target(x).features - p_reg).numpy() ** 2).mean(1)
        expected = 90 * identity - 2 * prior.realism(x).numpy()
        assert np.allclose(Objective(target, students, prior, p_reg, c)(z, y), expected, rtol=1e-4)
