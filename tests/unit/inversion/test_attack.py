"""The latent search is reproducible, independent of the batch, and restores its networks."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from worker.inversion.attacks import SETTINGS, Attack, Gmi, attacks, run_attack
from worker.inversion.attacks.attack import Task, rows_of
from worker.inversion.attacks.selection import light_views, target_scores
from worker.inversion.data import to_tensor
from worker.inversion.errors import InvalidRecipe
from worker.inversion.objective import ModelSet
from worker.inversion.progress import silent

SHORT = Gmi(setting="lomma", steps=6, restarts=2, pool=16, check_every=3, micro_batch=8, views=3)


def run(target, students, prior, p_reg, identities, config=SHORT, seed=7, **more):
    return run_attack(target, students, prior, p_reg, identities, config, seed=seed, **more)


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("pool", [0, 16])
def test_an_identity_alone_equals_the_identity_among_others_bit_for_bit(setting, pool, target, students, prior, p_reg):
    config = dataclasses.replace(SHORT, setting=setting, pool=pool)
    among = {(r.identity, r.restart): r for r in run(target, students, prior, p_reg, [5, 0, 3, 1, 2, 4], config)}
    for alone in run(target, students, prior, p_reg, [3], config):
        other = among[3, alone.restart]
        assert np.array_equal(alone.image, other.image)
        assert alone == dataclasses.replace(other, image=alone.image)
        assert alone.digest == other.digest


def task(target, students, prior, p_reg, y, restarts=1, seed=7, progress=silent):
    rows, restart = rows_of(list(y), restarts)
    return Task(ModelSet(target, students), prior, rows, restart, p_reg, seed, progress)


def test_the_latents_themselves_are_equal_bit_for_bit(target, students, prior, p_reg):
    whole = SHORT.search(task(target, students, prior, p_reg, range(6), 2)).z
    part = SHORT.search(task(target, students, prior, p_reg, [3], 2)).z
    assert torch.equal(whole[6:8], part)
    assert not torch.equal(whole[6:8], SHORT.start(task(target, students, prior, p_reg, [3], 2)))


def test_same_seed_same_digests_and_another_seed_others(target, students, prior, p_reg):
    once, again = (run(target, students, prior, p_reg, [0, 1]) for _ in range(2))
    other = run(target, students, prior, p_reg, [0, 1], seed=8)
    assert [r.digest for r in once] == [r.digest for r in again]
    assert not {r.digest for r in once} & {r.digest for r in other}


def test_the_global_random_state_neither_matters_nor_moves(target, students, prior, p_reg):
    torch.manual_seed(1)
    before = torch.get_rng_state()
    once = run(target, students, prior, p_reg, [0])
    assert torch.equal(before, torch.get_rng_state())
    torch.manual_seed(2)
    assert [r.digest for r in run(target, students, prior, p_reg, [0])] == [r.digest for r in once]


def test_no_network_changes_collects_gradients_keeps_hooks_or_loses_its_flags(target, students, prior, p_reg):
    networks = [target, *students, prior]
    target.train()
    target.network.head.weight.requires_grad_(True)
    target.network.features[1].eval()
    try:
        state = [{k: v.clone() for k, v in n.state_dict().items()} for n in networks]
        flags = [[m.training for m in n.modules()] for n in networks]
        grads = [[p.requires_grad for p in n.parameters()] for n in networks]
        run(target, students, prior, p_reg, [0, 1])
        assert flags == [[m.training for m in n.modules()] for n in networks]
        assert grads == [[p.requires_grad for p in n.parameters()] for n in networks]
        for n, old in zip(networks, state, strict=True):
            assert all(torch.equal(v, old[k]) for k, v in n.state_dict().items())
            assert all(p.grad is None for p in n.parameters())
            for m in n.modules():
                assert not m._forward_hooks
                assert not m._forward_pre_hooks
                assert not m._backward_hooks
    finally:
        target.eval()


def test_networks_are_frozen_and_in_eval_mode_while_attacked(target, students, prior, p_reg):
    seen = []

    def look(done, total, figures):
        for n in (target, *students, prior):
            seen.append(any(m.training for m in n.modules()) or any(p.requires_grad for p in n.parameters()))

    target.train()
    try:
        run(target, students, prior, p_reg, [0], progress=look)
    finally:
        target.eval()
    assert seen
    assert not any(seen)


def test_an_exception_of_progress_cancels_and_restores_the_flags(target, students, prior, p_reg):
    class CancelledError(Exception):
        pass

    def cancel(done, total, figures):
        raise CancelledError

    target.train()
    try:
        with pytest.raises(CancelledError):
            run(target, students, prior, p_reg, [0], progress=cancel)
        assert target.training
    finally:
        target.eval()


def test_progress_counts_row_steps_up_to_the_total(target, students, prior, p_reg):
    seen = []
    run(target, students, prior, p_reg, [0, 1, 2], progress=lambda done, total, figures: seen.append((done, total)))
    assert [d for d, _ in seen] == sorted(d for d, _ in seen)
    assert seen[-1] == (3 * 2 * 6, 3 * 2 * 6)


@pytest.mark.parametrize("setting", SETTINGS)
def test_the_search_lowers_its_loss(setting, target, students, prior, p_reg):
    attack = dataclasses.replace(SHORT, setting=setting, steps=30, pool=0)
    t = task(target, students, prior, p_reg, range(6))
    found = attack.search(t).z
    with torch.no_grad():
        before, after = (attack.image_loss(t, prior.decode(z), t.y, p_reg) for z in (attack.start(t), found))
    assert (after < before).all()


def test_every_latent_stays_within_the_clamp(target, students, prior, p_reg):
    attack = dataclasses.replace(SHORT, clamp=0.3, lr=0.5)
    assert attack.search(task(target, students, prior, p_reg, range(6), 2)).z.abs().max() <= 0.3


def test_converged_rows_stop_and_say_when(target, students, prior, p_reg):
    config = dataclasses.replace(SHORT, steps=12, tolerance=1e9)
    assert {r.iterations for r in run(target, students, prior, p_reg, [0, 1], config)} == {6}
    assert {r.iterations for r in run(target, students, prior, p_reg, [0, 1])} == {6}
    config = dataclasses.replace(SHORT, steps=12)
    assert {r.iterations for r in run(target, students, prior, p_reg, [0, 1], config)} == {12}


def test_one_submission_per_identity_the_best_by_the_targets_own_score(target, students, prior, p_reg):
    found = run(target, students, prior, p_reg, [4, 2, 0])
    assert [(r.identity, r.restart) for r in found] == [(k, r) for k in (4, 2, 0) for r in (0, 1)]
    for k in (4, 2, 0):
        own = [r for r in found if r.identity == k]
        assert [r.restart for r in own if r.selected] == [max(own, key=lambda r: r.target_score).restart]


def test_scores_are_the_targets_answers_to_the_rounded_image(target, students, prior, p_reg):
    found = run(target, students, prior, p_reg, [1, 2])
    images = torch.cat([to_tensor(r.image[None]) for r in found])
    y = torch.tensor([r.identity for r in found])
    with torch.no_grad():
        logits = torch.stack([target(v).logits for v in light_views(images, 3)])
    log_p = logits.log_softmax(2)[:, torch.arange(len(y)), y]
    assert np.allclose([r.target_score for r in found], log_p.mean(0), atol=1e-5)
    assert np.allclose([r.target_confidence for r in found], log_p[0].exp(), atol=1e-5)
    assert [r.target_top1 for r in found] == (logits[0].argmax(1) == y).tolist()


def test_the_first_view_is_the_image_and_the_others_are_not(public_images):
    x = to_tensor(public_images[:4])
    views = light_views(x, 5)
    assert torch.equal(views[0], x)
    assert all((v - x).abs().mean() > 0.01 for v in views[1:])
    assert torch.equal(light_views(x[2:3], 5)[:, 0], views[:, 2])


def test_scores_do_not_depend_on_the_micro_batch_padding(target, public_images):
    x, y = to_tensor(public_images[:5]), torch.arange(5)
    with torch.no_grad():
        five = target_scores(target, x, y, views=2, micro_batch=8)
        one = target_scores(target, x[4:], y[4:], views=2, micro_batch=8)
    assert torch.equal(five.mean_log_p[4:], one.mean_log_p)


def test_what_a_setting_needs_is_asked_for(target, students, prior, p_reg):
    with pytest.raises(InvalidRecipe, match="needs students"):
        run(target, [], prior, p_reg, [0])
    with pytest.raises(InvalidRecipe, match="needs p_reg"):
        run(target, students, prior, None, [0])
    with pytest.raises(InvalidRecipe, match="not classes"):
        run(target, students, prior, p_reg, [6])
    with pytest.raises(InvalidRecipe, match="empty or repeated"):
        run(target, students, prior, p_reg, [1, 1])
    assert run(target, [], prior, None, [0], dataclasses.replace(SHORT, setting="baseline"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"setting": "best"},
        {"steps": 0},
        {"attack": "vni"},
        {"selection": "eye"},
        {"lr": 0},
        {"pool": 1},
        {"stepps": 3},
        {"optimiser": "sgd"},
        {"identity_loss": "hinge"},
        {"p_reg": "median"},
        {"precision": "int8"},
        {"clamp": 0},
        {"regulariser": "max"},
        {"attack": "vmi", "family": "cauchy"},
        {"attack": "kedmi", "clamp": -1},
        {"attack": "plg-mi", "pool": 3},
        {"attack": "plg-mi", "clamp": -1},
        {"attack": "ppa", "pool": 3},
        {"attack": "ppa", "pool_crops": 0},
        {"attack": "ppa", "clamp": -1},
        {"attack": "kedmi", "pool": 5},
        {"attack": "vmi", "beta": -1},
        {"reference_batch": 0},
    ],
)
def test_impossible_settings_are_rejected(wrong):
    with pytest.raises(InvalidRecipe):
        Attack.from_dict(wrong)


@pytest.mark.parametrize("name", sorted(attacks))
def test_an_attack_survives_its_dict(name):
    more = {} if name == "closed-form" else {"steps": 7}
    attack = attacks[name](**more, setting="ma", identity_loss="poincare")
    assert Attack.from_dict(attack.to_dict()) == attack
    assert attack.to_dict()["attack"] == name


def test_hyperparameters_without_an_attack_are_those_of_gmi():
    assert Attack.from_dict({"steps": 6}) == Gmi(steps=6)
