"""The closed-form feature decoder: from the target's features to the prior's latents."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from worker.inversion.data import to_tensor
from worker.inversion.frozen import frozen
from worker.inversion.latents import draw
from worker.inversion.layout import device_of
from worker.inversion.priors.linear import GaussianRealism
from worker.inversion.priors.prior import Prior
from worker.inversion.targets.cosine_layer import CosineLayer
from worker.inversion.targets.registry import head_of
from worker.inversion.targets.target import Target

RIDGES = torch.logspace(-4, 2, 25, dtype=torch.float64)
"""Ridges that are tried, in shares of the mean variance of a feature."""

BATCH, SEED = 256, 0
EXACT = 1e-6
"""The ridge of the class directions: small, because logits are a linear map of the features."""


class Decoded(NamedTuple):
    """The decoder's latents.

    Attributes:
        latents: (K, d), one per class of the target, on the CPU.
        ridge: the chosen ridge, in shares of the mean variance of a feature.
        explained: share of the latents' variance on the public images that the features explain.
    """

    latents: Tensor
    ridge: float
    explained: float


def decode_classes(
    target: Target, prior: Prior, public: np.ndarray | None = None, *, length: float = 0.5, images: int = 5_000
) -> Decoded:
    """Return the latent that the prior's images suggest for every class of the target.

    Ridge regression from T's features p(x) of images to their latents z(x), both without their
    means, read along the class's direction in the last layer:

        A = (P'P/n + ridge I)^-1 P'Z/n,   u_y = A'(w_y - mean_k w_k),   z_y = r u_y / |u_y|

    * The images are public ones, if the prior is linear, because it knows their latents. For any
      other prior, or without public images, they are samples of the prior.
    * The ridge minimises the generalised cross-validation error |Z - PA|^2 / (1 - df/n)^2 with df
      = tr(P (P'P + n ridge I)^-1 P'). It uses no private data.
    * The direction w is regressed from T's logits, so any container of a network will do.
    * The logits of a cosine layer are linear in p/|p|, which takes the place of p.
    * r is `length` times the median length of the latents. T's confidence cannot choose it,
      because it saturates far below.

    One pass of T over `images` images and one linear solve: no gradient goes through pixels. The
    solve is in float64 on the CPU, because some GPUs do not have float64.

    Args:
        public: uint8 (N, H, W) or (N, H, W, C); None for samples.
        images: used, at most.
    Source: ours; ridge by generalised cross-validation is Golub, Heath and Wahba, Technometrics
        1979.
    """
    P, L, Z = _pairs(target, prior, public, images)
    n = len(P)
    P, L, Z_c = P - P.mean(0), L - L.mean(0), Z - Z.mean(0)
    variances, V = _directions(P)
    scale = max(float(P.square().sum() / n / P.shape[1]), 1e-12)
    to_latents, to_logits = (V.T @ (P.T @ of) / n for of in (Z_c, L))
    total = Z_c.square().sum() / n
    errors, explained = [], []
    for ridge in (RIDGES * scale).tolist():
        h = 1 / (variances + ridge)
        left = total - ((2 * h - variances * h * h)[:, None] * to_latents.square()).sum()
        errors.append(left / (1 - (variances * h).sum() / n) ** 2)
        explained.append(float(1 - left / total))
    best = int(torch.stack(errors).argmin())
    A = V @ (to_latents / (variances + float(RIDGES[best]) * scale)[:, None])
    W = V @ (to_logits / (variances + EXACT * scale)[:, None])
    u = (W - W.mean(1, keepdim=True)).T @ A
    r = length * Z.norm(dim=1).median()
    z = r * u / u.norm(dim=1, keepdim=True).clamp_min(1e-12)
    return Decoded(z.float(), float(RIDGES[best]), explained[best])


def _directions(P: Tensor) -> tuple[Tensor, Tensor]:
    """Return the eigenvalues (k,) and eigenvectors (f, k) of P'P/n, without those that are zero.

    From the smaller of P'P and PP', so that wide features cost no more than many images: k is at
    most min(n, f).
    """
    n, f = P.shape
    if f <= n:
        variances, V = torch.linalg.eigh(P.T @ P / n)
    else:
        variances, U = torch.linalg.eigh(P @ P.T / n)
        V = P.T @ U / (n * variances.clamp_min(1e-300)).sqrt()
    kept = variances > 1e-12 * variances[-1]
    return variances[kept], V[:, kept]


def _pairs(target: Target, prior: Prior, public: np.ndarray | None, most: int) -> tuple[Tensor, Tensor, Tensor]:
    """Return features (n, f), logits (n, K) and latents (n, d), in float64 on the CPU."""
    D, device, parts = prior.D, device_of(target), []
    is_cosine = isinstance(head_of(target.network, target.num_classes), CosineLayer)
    with frozen(target, prior), torch.no_grad():
        if public is not None and isinstance(D, GaussianRealism):
            chosen = torch.split(to_tensor(public[:: max(1, -(-len(public) // most))]), BATCH)
            images = ((x, D.latents(x)) for x in (part.to(device) for part in chosen))
        else:
            latents = torch.split(draw(SEED, "feature decoder", shape=(most, prior.latent_dim)), BATCH)
            images = ((prior.decode(z), z) for z in (part.to(device) for part in latents))
        for x, z in images:
            logits, features = target(x)
            features = F.normalize(features) if is_cosine else features
            parts.append(tuple(t.cpu().double() for t in (features, logits, z)))
    P, L, Z = (torch.cat(column) for column in zip(*parts, strict=True))
    return P, L, Z
