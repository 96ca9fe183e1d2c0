"""Controls: what can be had without the model."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from worker.inversion.batching import in_batches
from worker.inversion.data import to_uint8
from worker.inversion.frozen import frozen
from worker.inversion.latents import draw
from worker.inversion.priors.prior import Prior
from worker.inversion.progress import Progress, silent


def prior_control(
    prior: Prior,
    identities: Sequence[int],
    *,
    draws: int,
    seed: int,
    progress: Progress = silent,
    micro_batch: int = 32,
) -> np.ndarray:
    """Best of `draws` prior samples per identity, chosen by the critic's realism, without the target.

    Args:
        draws: the same number as the attack's restarts.
    Returns: uint8 (N, H, W) or (N, H, W, C), one image per identity, the same whatever other identities are asked.
    """
    z = torch.stack([draw(seed, "control", k, r, shape=(prior.latent_dim,)) for k in identities for r in range(draws)])
    with frozen(prior), torch.no_grad():
        images = in_batches(prior.decode, z, micro_batch)
        realism = in_batches(prior.realism, images, micro_batch)
    best = realism.view(len(identities), draws).argmax(1) + torch.arange(len(identities)) * draws
    progress(len(identities), len(identities), {})
    return to_uint8(images[best])


def permuted_control(hits: np.ndarray, identities: np.ndarray, gallery: np.ndarray) -> np.ndarray:
    """Q_k = 1/(N-1) sum_{j != k} [submission of j is taken for k]: the exact mean over all shuffles that move k.

    Args:
        hits: (N, G) bool of `Verification`; identities: (N,); gallery: (G,).
    Returns: (N,) in [0, 1]; zeros for a single identity.
    """
    n = len(identities)
    if n < 2:
        return np.zeros(n)
    column = {int(k): i for i, k in enumerate(gallery)}
    square = hits[:, [column[int(k)] for k in identities]].astype(np.float64)
    out: np.ndarray = (square.sum(0) - np.diag(square)) / (n - 1)
    return out
