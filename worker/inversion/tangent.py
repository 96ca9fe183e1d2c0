"""The part of an attack's gradient that a linear prior can follow."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from worker.inversion.attacks.attack import Attack, Task
from worker.inversion.attacks.reconstruction import Reconstruction
from worker.inversion.data import to_tensor
from worker.inversion.frozen import frozen
from worker.inversion.layout import device_of
from worker.inversion.objective import ModelSet, PublicFeatures
from worker.inversion.priors.linear import LinearGenerator
from worker.inversion.priors.prior import Prior
from worker.inversion.progress import silent
from worker.inversion.targets.target import Target

MOST = 8
"""Images measured of each shard: one costs a decomposition of (latents x latents)."""


def tangent_alignment(
    target: Target, prior: Prior | None, p_reg: PublicFeatures | None, attack: Attack, found: Sequence[Reconstruction]
) -> list[float]:
    """Return the cosine between the gradient and its projection on the prior's tangent space.

    For an image x = G(z) of identity y, with g the gradient of the identity loss in pixels:

        cos = |P g| / |g|,   P = J' (J J')^-1 J,   J = dG/dz (d, pixels) at x

    J is exact for a linear prior: its components, zero where x is clipped. A gradient of random
    direction has sqrt(d / pixels), 0.2 for 512 components of 64x64 colour images. Returns an empty
    list for any other prior.

    Args:
        p_reg: of the public images, for losses that use their mean.
        found: of which the first `MOST` submissions are measured.
    Source: the alignment score of AlignMI (NeurIPS 2025, arXiv 2509.20177).
    """
    if prior is None or not isinstance(prior.G, LinearGenerator):
        return []
    device, W = device_of(target), prior.G.components.cpu().double()  # some GPUs do not have float64
    chosen = [one for one in found if one.selected][:MOST]
    x = to_tensor(np.stack([one.image for one in chosen])).to(device).requires_grad_()
    y = torch.tensor([one.identity for one in chosen], device=device)
    mean = p_reg.mean.to(device) if p_reg is not None else None
    alone = attack.without_students()
    task = Task(ModelSet(target), prior, y, torch.zeros_like(y), mean, 0, silent)
    with frozen(target):
        (slope,) = torch.autograd.grad(alone.objective(task)(x, y, mean).sum(), x)
    cosines = []
    for image, g in zip(x.detach().cpu().flatten(1), slope.cpu().flatten(1).double(), strict=True):
        J = W * ((image > 0) & (image < 1))
        along = J @ g
        part = along @ torch.linalg.pinv(J @ J.T, hermitian=True) @ along
        cosines.append(float((part / g.square().sum().clamp_min(1e-300)).clamp(0, 1).sqrt()))
    return cosines
