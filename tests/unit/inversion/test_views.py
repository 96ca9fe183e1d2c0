"""Random views are drawn per row and step, and are the maps that they claim to be."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from worker.inversion.attacks import Gmi
from worker.inversion.attacks.attack import Task, rows_of
from worker.inversion.attacks.views import random_view, uniform, view_keys
from worker.inversion.objective import ModelSet
from worker.inversion.progress import silent

STILL = torch.full((1, 5), 0.5)
"""Numbers of the middle of every range: no rotation, scale, shift or mirror."""


def picture(size=16):
    return torch.rand(1, 3, size, size, generator=torch.Generator().manual_seed(3))


def splitmix(key, place):
    """SplitMix64 in Python's whole numbers."""
    word = 2**64 - 1
    x = (key + place * 0x9E3779B97F4A7C15) & word
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & word
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & word
    return (x ^ (x >> 31)) >> 11


def test_the_numbers_are_those_of_splitmix64():
    keys = torch.tensor([0, 1, 2**62 + 12345])
    got = uniform(keys, 7, 3)
    for row, key in enumerate(keys.tolist()):
        expected = [splitmix(key, 7 * 3 + i + 1) / 2**53 for i in range(3)]
        assert got[row].tolist() == pytest.approx(expected, abs=1e-7)


def test_the_numbers_are_uniform_and_independent_between_steps_and_rows():
    keys = view_keys(5, [(identity, restart) for identity in range(40) for restart in range(3)])
    assert len(set(keys.tolist())) == 120
    u = torch.stack([uniform(keys, t, 5) for t in range(50)])
    assert ((u >= 0) & (u < 1)).all()
    assert abs(float(u.mean()) - 0.5) < 0.01
    assert abs(float(u.var()) - 1 / 12) < 0.002
    for a, b in ((u[1:], u[:-1]), (u[:, 1:], u[:, :-1]), (u[..., 1:], u[..., :-1])):
        assert abs(float(torch.corrcoef(torch.stack([a.flatten(), b.flatten()]))[0, 1])) < 0.02


@pytest.mark.parametrize("view", ["light", "mirrored"])
def test_the_middle_of_every_range_is_the_image_itself(view):
    x = picture()
    assert torch.allclose(random_view(x, STILL, view), x, atol=1e-5)


def test_half_of_the_mirrored_views_are_mirror_images():
    x, u = picture(), STILL.clone()
    u[0, 4] = 0.2
    assert torch.allclose(random_view(x, u, "mirrored"), x.flip(3), atol=1e-5)
    assert torch.allclose(random_view(x, u, "light"), x, atol=1e-5)


def test_a_crop_is_a_square_of_the_image_at_full_size():
    x = torch.arange(32.0).expand(1, 1, 32, 32) / 31
    u = torch.tensor([[0.0, 0.5, 0.0, 0.5, 0.5], [0.0, 0.5, 1.0, 0.5, 0.5]])  # half the side, far left and far right
    left, right = random_view(x.expand(2, -1, -1, -1), u, "crop")
    assert (left.min(), left.max()) == pytest.approx((0.0, 0.5), abs=0.02)
    assert (right.min(), right.max()) == pytest.approx((0.5, 1.0), abs=0.02)


def test_a_shift_moves_by_up_to_a_tenth_of_the_side():
    x = torch.zeros(1, 1, 40, 40)
    x[..., 20, 20] = 1
    u = STILL.clone()
    u[0, 2] = 1 - 1e-7
    row, column = np.unravel_index(int(random_view(x, u, "light").argmax()), (40, 40))
    assert (row, column) == (20, 16)


def test_every_step_sees_new_views_and_their_loss_is_the_mean(target, prior, p_reg):
    y, restart = rows_of([0, 1], 1)
    task = Task(ModelSet(target), prior, y, restart, None, 0, silent)
    x = prior.decode(torch.randn(2, prior.latent_dim, generator=torch.Generator().manual_seed(1)))
    attack = Gmi(setting="lom", views_per_step=3, realism_weight=0)
    keys = attack.keyed(task)["views"]
    losses = [attack.image_loss(task, x, y, p_reg, attack.drawn(keys, t)) for t in (0, 1)]
    assert not torch.allclose(*losses)
    u = uniform(keys, 1, 15).view(2, 3, 5)
    plain = Gmi(setting="lom", realism_weight=0)
    each = [plain.image_loss(task, random_view(x, u[:, i], "light"), y, p_reg) for i in range(3)]
    assert torch.allclose(losses[1], torch.stack(each).mean(0), rtol=1e-4)
