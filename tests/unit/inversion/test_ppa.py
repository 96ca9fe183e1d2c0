"""PPA's candidates, search and selection are the paper's, each under its own random crops."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
import torch

from worker.inversion.attacks import Ppa, ppa, run_attack
from worker.inversion.attacks.attack import Task, rows_of
from worker.inversion.attacks.selection import crops, target_scores
from worker.inversion.attacks.views import random_view, uniform, view_keys
from worker.inversion.data import to_tensor
from worker.inversion.latents import draw
from worker.inversion.losses import poincare
from worker.inversion.objective import ModelSet
from worker.inversion.progress import silent

SHORT = Ppa(setting="baseline", steps=5, restarts=2, check_every=5, micro_batch=12, pool=16, pool_crops=3, views=9,
            clamp=0, realism_weight=0)  # fmt: skip


@pytest.fixture
def task(target, prior):
    return Task(ModelSet(target), prior, *rows_of([0, 1, 2], 2), None, 4, silent)


def test_candidates_are_ranked_by_their_mean_confidence_under_crops(target, prior, task):
    pool = draw(4, "pool", shape=(16, prior.latent_dim))
    with torch.no_grad():
        s = torch.stack([target(x).logits.softmax(1) for x in crops(prior.decode(pool), 3)]).mean(0)
    expected = torch.cat([pool[s[:, k].argsort(descending=True)[:2]] for k in range(3)])
    assert torch.equal(SHORT.start(task), expected)


def test_the_search_is_adam_with_short_memory_on_the_poincare_distance_of_a_crop(target, prior, task):
    z = SHORT.start(task).clone().requires_grad_()
    optimiser = torch.optim.Adam([z], lr=SHORT.lr, betas=(0.1, 0.1))
    keys = view_keys(4, task.rows)
    for step in range(5):
        crop = random_view(prior.decode(z), uniform(keys, step, 5), "trim")
        optimiser.zero_grad()
        (100 * poincare(target(crop).logits, task.y)).sum().backward()
        optimiser.step()
    found = SHORT.search(task).z
    assert torch.allclose(found, z.detach(), atol=0.004)
    assert (found - SHORT.start(task)).abs().max() > 3 * SHORT.lr


def test_the_restart_with_the_best_mean_confidence_under_crops_is_submitted(target, prior):
    found = run_attack(target, [], prior, None, [4, 2, 0], SHORT, seed=1)
    images = torch.cat([to_tensor(r.image[None]) for r in found])
    y = torch.tensor([r.identity for r in found])
    with torch.no_grad():
        p = torch.stack([target(x).logits.softmax(1)[torch.arange(6), y] for x in crops(images, 9)])
        own = target(images).logits.softmax(1)
    assert np.allclose([r.target_score for r in found], p.mean(0).log(), atol=1e-5)
    assert np.allclose([r.target_confidence for r in found], own[torch.arange(6), y], atol=1e-5)
    assert [r.target_top1 for r in found] == (own.argmax(1) == y).tolist()
    best = p.mean(0).view(3, 2).argmax(1).tolist()
    assert [r.restart for r in found if r.selected] == best


def test_a_score_under_crops_is_of_the_mean_probability_and_not_of_its_logarithm(public_images):
    class Torn:
        """Sure of class 0 in one crop of two, and of class 1 in the other."""

        calls = 0

        def __call__(self, x):
            self.calls += 1
            sure = torch.tensor([[12.0, 0.0], [0.0, 12.0]])[self.calls % 2]
            return type("Out", (), {"logits": sure.expand(len(x), 2)})

    x, y = to_tensor(public_images[:2]), torch.zeros(2, dtype=torch.int64)
    scored = target_scores(Torn(), x, y, views=2, micro_batch=2, cropped=True)
    assert scored.mean_log_p.tolist() == pytest.approx([math.log(0.5)] * 2, abs=1e-4)


def test_crops_are_within_the_papers_sides_and_the_same_for_every_image(public_images):
    ramp = (torch.arange(32.0) / 31).expand(1, 1, 32, 32)
    widths = torch.stack([(c[0, 0, 0, -1] - c[0, 0, 0, 0]) * 31 / 31 for c in crops(ramp, 100)])
    assert 0.45 < widths.min() < 0.55
    assert 0.82 < widths.max() < 0.92
    x = to_tensor(public_images[:4])
    assert all(torch.equal(a[2:3], b) for a, b in zip(crops(x, 4), crops(x[2:3], 4), strict=True))
    first, second = crops(x, 2)
    assert (first - second).abs().mean() > 0.01


def test_a_trimmed_view_keeps_at_least_95_per_cent_of_the_side():
    ramp = (torch.arange(64.0) / 63).expand(50, 1, 64, 64)
    x = random_view(ramp, uniform(torch.arange(50), 0, 5), "trim")
    widths = x[:, 0, 0, -1] - x[:, 0, 0, 0]
    assert 0.93 < widths.min() < 0.96
    assert widths.max() <= 1


def test_the_published_form_is_what_the_paper_says():
    published = Ppa(**ppa.PUBLISHED)
    assert (published.lr, published.steps, published.restarts, published.pool) == (0.005, 50, 200, 5000)
    assert (published.views, published.realism_weight, published.loss) == (100, 0, poincare)
    assert dataclasses.replace(published, steps=1).selection == "crops"
    assert ppa.BETAS == (0.1, 0.1)
