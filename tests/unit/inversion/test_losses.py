"""Each loss against an independent NumPy formula, and its gradient by finite differences."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from worker.inversion.attacks import Gmi
from worker.inversion.attacks.attack import Task
from worker.inversion.errors import InvalidRecipe
from worker.inversion.losses import feature_regulariser, identity_losses, model_average
from worker.inversion.objective import IdentityObjective, ModelSet
from worker.inversion.progress import silent
from worker.inversion.registry import Registry

LOGITS = np.random.default_rng(0).normal(0, 3, (5, 4))
Y = np.array([0, 3, 1, 1, 2])


def numpy_ce(a, y):
    return np.log(np.exp(a).sum(1)) - a[np.arange(len(y)), y]


def numpy_lom(a, y):
    return -a[np.arange(len(y)), y]


def numpy_centred(a, y):
    return -(a[np.arange(len(y)), y] - a.sum(1) / a.shape[1])


def numpy_margin(a, y):
    return np.array([max(v for j, v in enumerate(row) if j != k) - row[k] for row, k in zip(a, y, strict=True)])


def numpy_poincare(a, y):
    out = []
    for row, k in zip(a, y, strict=True):
        u, v = row / np.abs(row).sum(), np.zeros(len(row))
        v[k] = 1 - 1e-4
        ratio = np.sum((u - v) ** 2) / ((1 - np.sum(u**2)) * (1 - np.sum(v**2)))
        d = 1 + 2 * ratio
        out.append(np.log(d + np.sqrt(d * d - 1)))
    return np.array(out)


FORMULAS = {
    "ce": numpy_ce,
    "lom": numpy_lom,
    "centred_lom": numpy_centred,
    "max_margin": numpy_margin,
    "poincare": numpy_poincare,
}


def test_every_loss_has_an_independent_formula_here():
    assert set(FORMULAS) == set(identity_losses)


@pytest.mark.parametrize("name", sorted(FORMULAS))
def test_identity_losses_and_their_slopes(name):
    formula = FORMULAS[name]
    a = torch.from_numpy(LOGITS).requires_grad_()
    out = identity_losses[name](a, torch.from_numpy(Y))
    assert np.allclose(out.detach(), formula(LOGITS, Y), rtol=1e-6)
    (slope,) = torch.autograd.grad(out.sum(), a)
    assert slope.abs().sum() > 0
    for i in range(5):
        for j in range(4):
            up, down = LOGITS.copy(), LOGITS.copy()
            up[i, j] += 1e-5
            down[i, j] -= 1e-5
            numeric = (formula(up, Y) - formula(down, Y)).sum() / 2e-5
            assert slope[i, j].item() == pytest.approx(numeric, rel=1e-4, abs=1e-6)


@pytest.mark.parametrize("name", sorted(FORMULAS))
def test_a_loss_of_one_image_does_not_depend_on_the_others(name):
    a, y = torch.from_numpy(LOGITS).float(), torch.from_numpy(Y)
    assert torch.equal(identity_losses[name](a, y)[2:3], identity_losses[name](a[2:3], y[2:3]))


def test_the_margin_keeps_pulling_where_cross_entropy_has_stopped():
    a = torch.tensor([[60.0, 0.0, 1.0]], requires_grad=True)
    pull = {n: torch.autograd.grad(identity_losses[n](a, torch.tensor([0])).sum(), a)[0].abs().max() for n in FORMULAS}
    assert pull["ce"] < 1e-6
    assert pull["max_margin"] == pull["lom"] == 1


def test_a_wrong_name_offers_the_nearest_and_all_names():
    with pytest.raises(InvalidRecipe, match=r"did you mean 'max_margin'.*known: .*'ce'"):
        identity_losses["maxmargin"]
    assert "maxmargin" not in identity_losses


def test_a_name_is_used_once():
    registry = Registry("thing")
    registry.register("a")(1)
    with pytest.raises(ValueError, match="registered twice"):
        registry.register("a")(2)
    assert dict(registry) == {"a": 1}


def test_the_regulariser_is_the_mean_over_feature_dimensions():
    p, r = np.random.default_rng(1).normal(size=(3, 6)), np.random.default_rng(2).normal(size=6)
    out = feature_regulariser(torch.from_numpy(p), torch.from_numpy(r))
    assert np.allclose(out, ((p - r) ** 2).mean(1))
    total = feature_regulariser(torch.from_numpy(p), torch.from_numpy(r), "sum")
    assert np.allclose(total, np.linalg.norm(p - r, axis=1) ** 2)


def test_the_regulariser_takes_one_p_reg_per_row():
    p, r = np.random.default_rng(1).normal(size=(3, 6)), np.random.default_rng(2).normal(size=(3, 6))
    assert np.allclose(feature_regulariser(torch.from_numpy(p), torch.from_numpy(r)), ((p - r) ** 2).mean(1))


def test_the_regulariser_goes_through_the_target_alone_at_full_weight(target, students, prior, p_reg):
    x, y = torch.rand(3, 1, 32, 32), torch.tensor([0, 1, 2])
    models = ModelSet(target, students)
    with torch.no_grad():
        none = IdentityObjective(models, identity_losses["lom"])(x, y, p_reg)
        some = IdentityObjective(models, identity_losses["lom"], lambda_reg=2.0)(x, y, p_reg)
        R = feature_regulariser(target(x).features, p_reg)
    assert torch.allclose(some - none, 2 * R, atol=1e-5)


def test_model_average_weighs_target_and_students_alike():
    losses = [torch.tensor([3.0, 0.0]), torch.tensor([0.0, 3.0]), torch.tensor([0.0, 0.0])]
    assert model_average(losses).tolist() == [1.0, 1.0]


@pytest.mark.parametrize("setting", ["baseline", "lom", "ma", "lomma"])
def test_the_objective_is_the_papers(setting, target, students, prior, p_reg):
    attack = Gmi(setting=setting, lambda_reg=0.7, identity_weight=90, realism_weight=2)
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
        task = Task(ModelSet(target, students), prior, y, y, p_reg, 0, silent)
        assert np.allclose(attack.image_loss(task, x, y, p_reg), expected, rtol=1e-4)
