"""PLG-MI's search is the published loop, and its loss the margin over the other classes."""

from __future__ import annotations

import dataclasses

import pytest
import torch

from worker.inversion.attacks import SETTINGS, PlgMi, plg_mi
from worker.inversion.attacks.attack import Task, rows_of
from worker.inversion.attacks.views import random_view, uniform, view_keys
from worker.inversion.losses import identity_losses
from worker.inversion.objective import ModelSet
from worker.inversion.progress import silent

SHORT = PlgMi(**{**plg_mi.PUBLISHED, "steps": 5, "restarts": 2, "check_every": 5, "micro_batch": 12})


def task(target, prior, identities=(0, 1, 2)):
    return Task(ModelSet(target), prior, *rows_of(list(identities), 2), None, 4, silent)


def test_the_search_is_adam_on_the_margin_under_two_random_views(target, prior):
    t = task(target, prior)
    z = SHORT.start(t).clone().requires_grad_()
    optimiser, keys = torch.optim.Adam([z], lr=0.1), view_keys(4, t.rows)
    for step in range(5):
        x, margins = prior.decode(z), []
        for u in uniform(keys, step, 10).view(6, 2, 5).unbind(1):
            logits = target(random_view(x, u, "mirrored")).logits
            others = logits.masked_fill(torch.nn.functional.one_hot(t.y, 6).bool(), -torch.inf)
            margins.append(others.max(1).values - logits[torch.arange(6), t.y])
        optimiser.zero_grad()
        (100 * torch.stack(margins).mean(0)).sum().backward()
        optimiser.step()
    assert torch.allclose(SHORT.search(t).z, z.detach(), atol=0.02)
    assert (SHORT.start(t) - z.detach()).abs().max() > 0.3


def test_a_fresh_start_is_a_draw_of_its_identity_and_restart(target, prior):
    whole, part = (SHORT.start(task(target, prior, ids)) for ids in ((0, 1, 2), (2,)))
    assert torch.equal(whole[4:], part)
    assert len({tuple(z.tolist()) for z in whole}) == 6


def test_a_start_from_the_pool_is_the_target_s_choice_for_the_identity(target, prior):
    attack, t = dataclasses.replace(SHORT, pool=16), task(target, prior)

    def surety(z):
        return target(prior.decode(z)).logits.log_softmax(1)[torch.arange(6), t.y]

    with torch.no_grad():
        of_pool, of_fresh = surety(attack.start(t)), surety(SHORT.start(t))
    assert (of_pool.view(3, 2).diff() <= 1e-6).all()
    assert of_pool.mean() > of_fresh.mean()


def test_the_clamp_bounds_every_latent(target, prior):
    assert dataclasses.replace(SHORT, clamp=0.5).search(task(target, prior)).z.abs().max() <= 0.5
    assert SHORT.search(task(target, prior)).z.abs().max() > 0.5


@pytest.mark.parametrize("setting", SETTINGS)
def test_every_setting_searches_by_the_margin(setting):
    assert PlgMi(setting=setting).loss is identity_losses["max_margin"]


def test_the_published_form_is_what_the_paper_says():
    published = PlgMi(**plg_mi.PUBLISHED)
    assert (published.lr, published.steps, published.restarts, published.views_per_step) == (0.1, 600, 5, 2)
    assert (published.realism_weight, published.pool, published.clamp, published.setting) == (0, 0, 0, "baseline")
