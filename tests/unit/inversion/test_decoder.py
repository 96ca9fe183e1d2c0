"""The attacks that use the feature decoder: starts, kinds of restarts, consensus, closed form."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from worker.evaluation.controls import prior_control
from worker.inversion.attacks import SETTINGS, ClosedForm, Decoder, Gmi, WarmStart, WarmStartViews, run_attack
from worker.inversion.attacks.attack import Task, rows_of
from worker.inversion.attacks.consensus import mean_latent
from worker.inversion.attacks.latent_search import adam_on_latents, half_cosine
from worker.inversion.data import to_uint8
from worker.inversion.errors import InvalidRecipe
from worker.inversion.latents import draw
from worker.inversion.objective import ModelSet
from worker.inversion.priors import train_prior
from worker.inversion.progress import silent

SHORT = Decoder(steps=4, restarts=6, micro_batch=8, views=2, check_every=2, lambda_reg=2.0, spread=3.0,
                selection="consensus")  # fmt: skip


@pytest.fixture(scope="module")
def linear(public_images):
    return train_prior(public_images, {"kind": "pca", "steps": 4, "latent_dim": 8}, seed=0)


@pytest.fixture
def decoded(linear):
    return torch.randn(6, linear.latent_dim, generator=torch.Generator().manual_seed(1))


@pytest.fixture
def task(target, linear, p_reg, decoded):
    y, restart = rows_of([4, 1], SHORT.restarts)
    return Task(ModelSet(target), linear, y, restart, p_reg, 5, silent, decoded)


def test_four_restarts_start_from_the_decoder_and_more_from_near_it(task, decoded):
    z = SHORT.start(task).view(2, 6, -1)
    for row, k in enumerate((4, 1)):
        assert all(torch.equal(z[row, r], decoded[k]) for r in range(4))
        for r in (4, 5):
            assert torch.equal(z[row, r], decoded[k] + draw(5, "decoder", k, r, shape=(8,)))


@pytest.mark.parametrize(
    ("restart", "lambda_reg", "views"), [(0, 2.0, 0), (1, 6.0, 0), (2, 2.0, 1), (3, 6.0, 1), (4, 2.0, 0)]
)
def test_restarts_differ_in_the_regulariser_and_in_views(restart, lambda_reg, views, task):
    found = SHORT.search(task).z.view(2, 6, -1)[:, restart]
    rows = task.restart == restart
    alike = dataclasses.replace(SHORT, lambda_reg=lambda_reg, views_per_step=views)
    one = task._replace(y=task.y[rows], restart=task.restart[rows])
    expected = adam_on_latents(alike, one, SHORT.start(one), clamp=SHORT.clamp, rate=half_cosine).z
    assert torch.equal(found, expected)


def test_the_submission_is_the_mean_of_the_decoder_and_all_restarts(target, linear, p_reg, task, decoded):
    found = run_attack(target, [], linear, p_reg, [4, 1], SHORT, seed=5, decoded=decoded)
    assert [r.restart for r in found] == [0, 1, 2, 3, 4, 5, 6] * 2
    assert [r.restart for r in found if r.selected] == [6, 6]
    z = SHORT.search(task).z.view(2, 6, -1)
    mean = (z.sum(1) + decoded[[4, 1]]) / 7
    assert np.array_equal(np.stack([r.image for r in found if r.selected]), to_uint8(linear.decode(mean)))


@pytest.mark.parametrize("setting", SETTINGS)
def test_the_closed_form_is_the_decoders_image_after_no_step(setting, target, students, linear, p_reg, decoded):
    among = run_attack(
        target, students, linear, p_reg, [2, 0], ClosedForm(setting=setting), seed=5, decoded=decoded, filmed=True
    )
    (alone,) = run_attack(target, students, linear, p_reg, [2], ClosedForm(setting=setting), seed=7, decoded=decoded)
    assert np.array_equal(np.stack([one.image for one in among]), to_uint8(linear.decode(decoded[[2, 0]])))
    assert np.array_equal(alone.image, among[0].image), "the seed does not matter either"
    assert [(one.selected, one.iterations, one.film) for one in among] == [(True, 0, None)] * 2


@pytest.mark.parametrize("wrong", [{"steps": 1}, {"restarts": 2}])
def test_a_closed_form_has_no_steps_and_no_restarts(wrong):
    with pytest.raises(InvalidRecipe, match="steps must be 0 and restarts 1"):
        ClosedForm(**wrong)


@pytest.mark.parametrize("kind", [WarmStart, WarmStartViews])
def test_a_warm_start_searches_from_the_decoder_and_submits_what_it_found(kind, target, linear, p_reg, task, decoded):
    attack = kind(steps=4, micro_batch=8, views=2, check_every=2, lambda_reg=5.0, view="mirrored")
    assert (attack.restarts, attack.views_per_step) == (1, int(kind is WarmStartViews))
    one = task._replace(y=torch.tensor([4, 1]), restart=torch.tensor([0, 0]))
    assert torch.equal(attack.start(one), decoded[[4, 1]])
    z = adam_on_latents(attack, one, decoded[[4, 1]], clamp=attack.clamp, rate=half_cosine).z
    found = run_attack(target, [], linear, p_reg, [4, 1], attack, seed=5, decoded=decoded)
    assert np.array_equal(np.stack([r.image for r in found]), to_uint8(linear.decode(z)))
    assert all(r.selected for r in found)
    more = dataclasses.replace(attack, restarts=2).start(one._replace(restart=torch.tensor([0, 1])))
    assert torch.equal(more, torch.stack([decoded[4], decoded[1] + draw(5, "warm-start", 1, 1, shape=(8,))]))


def test_a_consensus_keeps_the_length_of_a_gans_latents_and_the_mean_of_a_linear_prior(prior, linear):
    z = torch.randn(3, 4, 12, generator=torch.Generator().manual_seed(2))
    stretched = mean_latent(z, prior)
    assert torch.allclose(stretched.norm(dim=1), z.norm(dim=2).mean(1), atol=1e-5)
    assert torch.allclose(torch.nn.functional.cosine_similarity(stretched, z.mean(1)), torch.ones(3), atol=1e-5)
    assert torch.equal(mean_latent(z[..., :8], linear), z[..., :8].mean(1))


def test_the_prior_control_of_a_consensus_is_the_consensus_of_as_many_samples(linear):
    image = prior_control(linear, [3], draws=4, seed=1, consensus=True)
    samples = torch.stack([draw(1, "control", 3, r, shape=(8,)) for r in range(4)])
    assert np.array_equal(image, to_uint8(linear.decode(samples.mean(0, keepdim=True))))


def test_any_attack_can_submit_its_consensus(target, prior, p_reg):
    attack = Gmi(setting="lom", steps=2, restarts=3, pool=16, micro_batch=8, views=2, selection="consensus")
    found = run_attack(target, [], prior, p_reg, [0, 1], attack, seed=2)
    assert [(r.restart, r.selected) for r in found[:4]] == [(0, False), (1, False), (2, False), (3, True)]
