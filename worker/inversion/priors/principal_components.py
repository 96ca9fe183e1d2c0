"""The linear prior: principal components of public images (eigenfaces), fast to fit on a CPU."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from worker.inversion.data import to_tensor
from worker.inversion.errors import InvalidRecipe
from worker.inversion.priors.linear import GaussianRealism, LinearGenerator
from worker.inversion.priors.prior import Prior, networks
from worker.inversion.priors.recipe import PriorRecipe
from worker.inversion.progress import Progress, silent

CHUNK = 512
SPARE = 16
"""Extra directions in the iteration, which make the last kept ones accurate."""


def principal_components(
    images: np.ndarray,
    recipe: PriorRecipe,
    *,
    seed: int,
    progress: Progress = silent,
    device: str | torch.device = "cpu",
) -> Prior:
    """Fit mean, components W and deviations s by subspace iteration.

        Q <- orth(C Q), `recipe.steps` times from a random Q;   Q^T C Q = V diag(s^2) V^T;   W = Q
            V

    C is the covariance of the public images (with their mirror images if the recipe says
    `mirror`). It is never formed. Images decoded from z of N(0, I) then follow the public images.

    Args:
        images: uint8 (N, H, W) or (N, H, W, C), N > latent_dim.
    Progress: one step per iteration. The last has "explained", the components' share of the
    variance.
    Raises: InvalidRecipe when there are too few images for the number of components.
    Source: Halko, Martinsson and Tropp, SIAM Review 2011, algorithm 4.4.
    """
    d, n = recipe.latent_dim, len(images) * (2 if recipe.mirror else 1)
    shape = (images.shape[3] if images.ndim == 4 else 1, images.shape[1], images.shape[2])
    pixels = int(np.prod(shape))
    if d >= min(n, pixels):
        raise InvalidRecipe(
            f"prior recipe: {d} principal components need more than {d} images and pixels, not {n} and {pixels}: "
            "lower latent_dim or give more public images"
        )
    views = (False, True) if recipe.mirror else (False,)
    parts = [(at, view) for at in range(0, len(images), CHUNK) for view in views]

    def rows(part: tuple[int, bool]) -> Tensor:
        """Return a chunk of the images, or their mirror images, as rows (n, C*H*W) in [0, 1]."""
        at, mirrored = part
        x = to_tensor(images[at : at + CHUNK])
        return (x.flip(3) if mirrored else x).flatten(1).to(device)

    zero = torch.zeros(pixels, device=device)
    mean = sum((rows(p).sum(0) for p in parts), zero) / n
    variance = sum((float((rows(p) - mean).square().sum()) for p in parts), 0.0) / n
    k = min(d + SPARE, n - 1, pixels)
    Q = torch.randn(pixels, k, generator=torch.Generator().manual_seed(seed)).to(device)
    for done in range(recipe.steps):
        Y = torch.zeros_like(Q)
        for p in parts:
            x = rows(p) - mean
            Y += x.T @ (x @ Q)
        Q = torch.linalg.qr(Y).Q
        progress(done + 1, recipe.steps, {})
    B = torch.zeros(k, k, device=device)
    for p in parts:
        x = (rows(p) - mean) @ Q
        B += x.T @ x / n
    s2, V = torch.linalg.eigh(B)
    s, W = s2.flip(0)[:d].clamp_min(1e-12).sqrt(), (Q @ V.flip(1))[:, :d]
    progress(recipe.steps, recipe.steps, {"explained": float(s.square().sum()) / variance})
    return _prior(mean, W, s, recipe, shape)


def _prior(mean: Tensor, W: Tensor, s: Tensor, recipe: PriorRecipe, shape: tuple[int, int, int]) -> Prior:
    G, D = networks(recipe, shape)
    assert isinstance(G, LinearGenerator)
    assert isinstance(D, GaussianRealism)
    G.mean, G.components = mean, (W * s).T.contiguous()
    D.mean, D.inverse = mean.clone(), (W / s).contiguous()
    return Prior(G, D, recipe, shape)
