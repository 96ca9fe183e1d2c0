"""Every registered attack has the common properties and computes its paper's formulas."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
import torch

from worker.inversion.attacks import (
    SETTINGS,
    Decoder,
    Gmi,
    Kedmi,
    MiFace,
    PlgMi,
    Ppa,
    Vmi,
    WarmStart,
    WarmStartViews,
    attacks,
    gmi,
    kedmi,
    run_attack,
)
from worker.inversion.attacks.attack import Task, rows_of
from worker.inversion.attacks.run import networks
from worker.inversion.attacks.variational import FullGaussian, Glow, families
from worker.inversion.errors import InvalidRecipe
from worker.inversion.frozen import frozen
from worker.inversion.losses import identity_losses
from worker.inversion.objective import ModelSet, PublicFeatures
from worker.inversion.progress import silent
from worker.inversion.students import public_features

COMMON = {"steps": 4, "restarts": 2, "check_every": 2, "micro_batch": 8, "views": 2}
SHORT = {
    "gmi": Gmi(**COMMON, pool=16),
    "gmi, published": Gmi(**{**gmi.PUBLISHED, **COMMON, "selection": "average"}),
    "kedmi": Kedmi(**COMMON),
    "vmi": Vmi(**COMMON, samples=2),
    "vmi, flow": Vmi(**COMMON, samples=2, family="flow"),
    "miface": MiFace(**COMMON),
    "plg-mi": PlgMi(**COMMON, pool=16),
    "plg-mi, fresh": PlgMi(**COMMON, pool=0, clamp=0),
    "ppa": Ppa(**COMMON, pool=16),
    "gmi, consensus": Gmi(**COMMON, pool=16, selection="consensus"),
    "decoder": Decoder(**{**COMMON, "restarts": 5}),
    "warm-start": WarmStart(**COMMON),
    "warm-start-views": WarmStartViews(**COMMON),
    "gmi, views": Gmi(**COMMON, pool=16, views_per_step=2, view="mirrored"),
    "kedmi, views": Kedmi(**COMMON, views_per_step=2),
    "vmi, views": Vmi(**COMMON, samples=2, views_per_step=2),
    "miface, crops": MiFace(**COMMON, views_per_step=1, view="crop"),
}


@pytest.fixture(scope="module")
def features(target, public_images):
    return public_features(target, public_images)


def test_every_registered_attack_is_tested_here():
    assert {a.name for a in SHORT.values()} == set(attacks) - {"closed-form"}, "which is tested in test_decoder.py"
    assert {a.family for a in SHORT.values() if isinstance(a, Vmi)} == set(families)


@pytest.mark.parametrize("name", SHORT)
@pytest.mark.parametrize("setting", SETTINGS)
def test_alone_or_among_others_the_same_bits_and_nothing_is_left_on_the_networks(
    name, setting, target, students, prior, features
):
    attack = dataclasses.replace(SHORT[name], setting=setting, p_reg="sample")
    networks = [target, *students, prior]
    target.train()
    try:
        state = [{k: v.clone() for k, v in n.state_dict().items()} for n in networks]
        among = {
            (r.identity, r.restart): r
            for r in run_attack(target, students, prior, features, [5, 0, 3, 1], attack, seed=3)
        }
        alone = run_attack(target, students, prior, features, [3], attack, seed=3)
        assert target.training
        assert all(m.training for m in target.modules())
    finally:
        target.eval()
    for r in alone:
        assert r.digest == among[3, r.restart].digest
        assert r == dataclasses.replace(among[3, r.restart], image=r.image)
    assert alone[0].digest != alone[1].digest
    assert {r.iterations for r in alone} == {attack.steps}
    for n, old in zip(networks, state, strict=True):
        assert all(torch.equal(v, old[k]) for k, v in n.state_dict().items())
        assert all(p.grad is None for p in n.parameters())
        assert not any(m._forward_hooks or m._forward_pre_hooks or m._backward_hooks for m in n.modules())


@pytest.mark.parametrize("name", SHORT)
@pytest.mark.parametrize("loss", sorted(identity_losses))
def test_every_attack_takes_every_identity_loss(name, loss, target, prior, features):
    attack = dataclasses.replace(SHORT[name], setting="lom", identity_loss=loss, steps=min(2, SHORT[name].steps))
    found = run_attack(target, [], prior, features, [0], attack, seed=1)
    assert all(np.isfinite(r.target_score) for r in found)


@pytest.mark.parametrize("name", ["gmi", "kedmi", "vmi", "miface"])
def test_every_attack_makes_the_target_surer(name, target, prior, features):
    attack = dataclasses.replace(SHORT[name], setting="baseline", check_every=40, identity_weight=100.0, lr=0.2)
    few, many = (
        run_attack(target, [], prior, features, range(6), dataclasses.replace(attack, steps=s), seed=1) for s in (1, 40)
    )
    assert np.mean([r.target_score for r in many]) > np.mean([r.target_score for r in few]) + 1e-3


def test_all_restarts_are_put_forward_for_averages_and_one_otherwise(target, prior, features):
    found = run_attack(target, [], prior, features, [0, 1], dataclasses.replace(SHORT["kedmi"], setting="lom"), seed=1)
    assert [r.selected for r in found].count(True) == 2
    average = dataclasses.replace(SHORT["kedmi"], setting="lom", selection="average")
    assert all(r.selected for r in run_attack(target, [], prior, features, [0, 1], average, seed=1))


@pytest.mark.parametrize("batch", [1, 3, 6])
def test_momentum_takes_the_published_step_at_any_batch_size(batch, target, prior):
    """The published loop: a mean loss over 60 images, Nesterov momentum, latents clamped at 1."""
    attack = Gmi(**{**gmi.PUBLISHED, "restarts": 1, "steps": 5, "micro_batch": batch, "setting": "baseline"})
    identities = list(range(6))
    y, restart = rows_of(identities[:batch], 1)
    task = Task(ModelSet(target), prior, y, restart, None, 4, silent)
    labels = torch.tensor(identities * 10)
    z = attack.start(task._replace(y=labels, restart=torch.zeros_like(labels)))
    v = torch.zeros_like(z)
    for _ in range(5):
        z = z.detach().requires_grad_()
        x = prior.decode(z)
        L = -prior.realism(x).mean() + 100 * torch.nn.functional.cross_entropy(target(x).logits, labels)
        (g,) = torch.autograd.grad(L, z)
        before, v = v, 0.9 * v - 0.02 * g
        z = (z + (-0.9 * before + 1.9 * v)).clamp(-1, 1)
    assert torch.allclose(attack.search(task).z, z[:batch].detach(), atol=2e-4)


def test_the_published_forms_are_what_the_papers_say():
    published = Gmi(**gmi.PUBLISHED)
    assert (published.lr, published.momentum, published.clamp, published.restarts) == (0.02, 0.9, 1.0, 5)
    assert (published.identity_weight, published.realism_weight, published.pool) == (100, 1, 0)
    published = Kedmi(**kedmi.PUBLISHED)
    assert (published.lr, published.restarts, published.steps, published.selection) == (0.02, 5, 2400, "average")


def test_the_gaussians_divergence_is_torchs():
    q, rng = FullGaussian(), torch.Generator().manual_seed(1)
    state = {n: torch.randn(t.shape, generator=rng) * 0.3 for n, t in q.start(3, 5).items()}
    z, kl = q.push(state, torch.randn(3, 4000, 5, generator=rng))
    L = state["A"].tril(-1) / 5**0.5 + torch.diag_embed(state["s"].exp())
    ours = torch.distributions.MultivariateNormal(state["mu"], scale_tril=L)
    prior = torch.distributions.MultivariateNormal(torch.zeros(5), torch.eye(5))
    assert torch.allclose(kl, torch.distributions.kl_divergence(ours, prior), atol=1e-5)
    assert torch.allclose(z.mean(1), state["mu"], atol=0.1)
    assert torch.allclose(torch.cov(z[0].T), L[0] @ L[0].T, atol=0.15)


def test_the_flows_divergence_has_the_volume_of_its_jacobian():
    q, rng = Glow(levels=2, steps=3, hidden=7), torch.Generator().manual_seed(1)
    state = {n: t + torch.randn(t.shape, generator=rng) * 0.2 for n, t in q.start(2, 6).items()}
    eps = torch.randn(2, 1, 6, generator=rng)
    z, kl = q.push(state, eps)

    def one(e):
        return q.push({n: t[1:] for n, t in state.items()}, e.view(1, 1, 6))[0].flatten()

    J = torch.autograd.functional.jacobian(one, eps[1, 0])
    log_q = -0.5 * eps[1, 0].square().sum() - torch.linalg.slogdet(J).logabsdet
    assert kl[1].item() == pytest.approx(float(log_q + 0.5 * z[1, 0].square().sum()), abs=1e-4)


def test_a_flow_starts_at_the_prior():
    q = Glow()
    eps = torch.randn(2, 3, 20)
    z, kl = q.push(q.start(2, 20), eps)
    assert torch.allclose(z.sort(2).values, eps.sort(2).values)
    assert torch.allclose(kl, torch.zeros(2), atol=1e-5)


def test_vmi_comes_back_to_the_prior_where_only_the_divergence_pulls(target, prior, monkeypatch):
    far = FullGaussian.start
    monkeypatch.setattr(FullGaussian, "start", lambda self, n, d, _: far(self, n, d) | {"mu": torch.full((n, d), 5.0)})
    attack = dataclasses.replace(SHORT["vmi"], setting="baseline", identity_weight=0.0, beta=1.0, lr=0.2)
    y, restart = rows_of([0, 1], 2)

    def mean(steps):
        task = Task(ModelSet(target), prior, y, restart, None, 0, silent)
        z = dataclasses.replace(attack, steps=steps).search(task).z
        assert z.shape == (4, prior.latent_dim)
        assert (z[0] - z[1]).abs().max() > 0.1
        return float(z.mean())

    assert mean(1) > 4
    assert abs(mean(60)) < 1


def test_kedmi_draws_lie_within_its_clamp(target, prior):
    y, restart = rows_of([0, 1], 2)
    task = Task(ModelSet(target), prior, y, restart, None, 0, silent)
    attack = dataclasses.replace(SHORT["kedmi"], setting="baseline", clamp=1.0)
    assert attack.search(task).z.abs().max() <= 1
    assert dataclasses.replace(attack, clamp=0).search(task).z.abs().max() > 1


def test_miface_keeps_the_best_image_it_saw(target):
    class Watched(MiFace):
        def image_loss(self, *arguments):
            loss = super().image_loss(*arguments)
            seen.append(loss.detach()[:2])
            return loss

    seen: list[torch.Tensor] = []
    y, restart = rows_of([0, 1], 1)
    task = Task(ModelSet(target), None, y, restart, None, 0, silent)
    found = Watched(steps=5, lr=0.5, check_every=5).search(task)
    path = torch.stack(seen)
    assert (path[-1] > path.min(0).values + 1e-3).any()  # it overshot
    assert torch.allclose(MiFace().image_loss(task, found.z, y, None), path.min(0).values, atol=1e-4)


def test_miface_needs_no_prior(target):
    found = run_attack(target, [], None, None, [0, 1], MiFace(steps=5, lr=0.5, check_every=5), seed=0)
    assert found[0].image.shape == (32, 32)
    with pytest.raises(InvalidRecipe, match="needs a prior, best of kind 'wgan-gp'"):
        run_attack(target, [], None, None, [0], Gmi(setting="baseline"), seed=0)


@pytest.mark.parametrize(
    "bad",
    [{"steps": 2.5}, {"steps": True}, {"micro_batch": 0}, {"lr": float("nan")}, {"lr": 0.0}, {"lambda_reg": math.inf}],
)
def test_impossible_numbers_are_rejected_by_name(bad):
    with pytest.raises(InvalidRecipe, match=next(iter(bad))):
        Gmi(**bad)


def test_a_sampled_p_reg_is_a_draw_per_row_of_the_public_gaussian(target, prior, features):
    attack = dataclasses.replace(SHORT["gmi"], setting="lom", lambda_reg=5.0)
    kinds = {}
    for kind in ("mean", "sample"):
        found = run_attack(target, [], prior, features, [0], dataclasses.replace(attack, p_reg=kind), seed=0)
        kinds[kind] = [r.digest for r in found]
    assert kinds["mean"] != kinds["sample"]
    narrow = PublicFeatures(features.mean, torch.zeros_like(features.std))
    found = run_attack(target, [], prior, narrow, [0], dataclasses.replace(attack, p_reg="sample"), seed=0)
    assert [r.digest for r in found] == kinds["mean"]
    with pytest.raises(InvalidRecipe, match="public_features"):
        run_attack(target, [], prior, features.mean, [0], dataclasses.replace(attack, p_reg="sample"), seed=0)


@pytest.mark.parametrize("name", SHORT)
def test_bf16_stays_near_float32_and_leaves_the_networks_as_they_are(name, target, students, prior, features):
    attack = dataclasses.replace(SHORT[name], steps=2, lr=0.01)
    if isinstance(attack, Gmi | PlgMi):
        attack = dataclasses.replace(attack, pool=0)  # with near ties, the best of the pool may differ
    if isinstance(attack, Ppa):
        attack = dataclasses.replace(attack, pool=2)  # both, though their order may differ
    before = {k: v.clone() for n in (target, prior) for k, v in n.state_dict().items()}
    exact, fast = (
        run_attack(target, students, prior, features, [0, 1], dataclasses.replace(attack, precision=p), seed=3)
        for p in ("float32", "bf16")
    )
    for a, b in zip(exact, fast, strict=True):
        assert b.target_score == pytest.approx(a.target_score, abs=0.05)
    after = {k: v for n in (target, prior) for k, v in n.state_dict().items()}
    assert all(v.dtype == before[k].dtype and torch.equal(v, before[k]) for k, v in after.items())


def test_the_slopes_of_bf16_copies_point_where_those_of_the_networks_do(target, students, prior, p_reg):
    z, y = torch.randn(6, prior.latent_dim, generator=torch.Generator().manual_seed(2)), torch.arange(6)
    slope = {}
    for precision in ("float32", "bf16"):
        attack = Gmi(setting="lomma", precision=precision)
        with frozen(target, *students, prior):
            models, fast = networks(target, students, prior, attack)
            leaf = z.clone().requires_grad_()
            task = Task(models, fast, y, y, p_reg, 0, silent)
            slope[precision] = torch.autograd.grad(attack.image_loss(task, fast.decode(leaf), y, p_reg).sum(), leaf)[0]
    assert (torch.cosine_similarity(slope["float32"], slope["bf16"]) > 0.95).all()
