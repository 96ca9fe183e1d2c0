"""The consensus of several searches: what they agree on."""

from __future__ import annotations

from torch import Tensor

from worker.inversion.priors.prior import Prior


def mean_latent(z: Tensor, prior: Prior) -> Tensor:
    """Return the mean of each row's latents (K, n, d) -> (K, d).

    Searches for a person share what belongs to the person, and differ in what only convinces the
    target, so their mean keeps the former:

        z = mean_i z_i,   for a GAN stretched to the mean length of the z_i

    The mean of latents of a linear prior is the latent of the mean image, and keeps its length.
    Source: ours (docs/engine.md).
    """
    mean = z.mean(1)
    if prior.recipe.kind == "pca":
        return mean
    stretched: Tensor = mean * z.norm(dim=2).mean(1, keepdim=True) / mean.norm(dim=1, keepdim=True).clamp_min(1e-12)
    return stretched
