"""Controls: images and match rates that an attacker gets without the model's leak."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from worker.inversion.attacks.consensus import mean_latent
from worker.inversion.attacks.selection import target_scores
from worker.inversion.batching import in_batches
from worker.inversion.data import to_tensor, to_uint8
from worker.inversion.frozen import frozen
from worker.inversion.latents import draw
from worker.inversion.layout import device_of
from worker.inversion.priors.prior import Prior
from worker.inversion.progress import Progress, silent
from worker.inversion.targets import Target


def prior_control(
    prior: Prior,
    identities: Sequence[int],
    *,
    draws: int,
    seed: int,
    first: int = 0,
    consensus: bool = False,
    progress: Progress = silent,
    micro_batch: int = 32,
) -> np.ndarray:
    """Return the most realistic of `draws` prior samples per identity, chosen without the target.

    Realism is the score of the prior's critic. With `consensus`, return what an attack with that
    selection makes of the samples: the image of their mean latent.

    Args:
        draws: the same number as the attack's restarts.
        first: number of the first draw: those before it belong to other attacks with this prior.
    Returns: uint8 (N, H, W) or (N, H, W, C), one image per identity. An identity's image does not
        depend on which other identities are requested.
    """
    numbers = range(first, first + draws)
    z = torch.stack([draw(seed, "control", k, r, shape=(prior.latent_dim,)) for k in identities for r in numbers])
    if consensus:
        z, draws = mean_latent(z.view(len(identities), draws, -1), prior), 1
    with frozen(prior), torch.no_grad():
        images = in_batches(prior.decode, z.to(device_of(prior)), micro_batch)
        realism = in_batches(prior.realism, images, micro_batch).cpu()
    best = realism.view(len(identities), draws).argmax(1) + torch.arange(len(identities)) * draws
    progress(len(identities), len(identities), {})
    return to_uint8(images.cpu()[best])


def nearest_public_control(
    target: Target,
    public: np.ndarray,
    identities: Sequence[int],
    *,
    views: int = 1,
    cropped: bool = False,
    shortlist: int = 16,
    progress: Progress = silent,
    micro_batch: int = 64,
) -> np.ndarray:
    """Return the public image with the highest target score for each identity.

    This is the result of a search without a generator. Images are ranked by the score with which
    the attack selects submissions (`selection.target_scores`). That score is computed only for the
    `shortlist` images with the highest log softmax T(x)_y.

    Args:
        public: uint8 (M, H, W) or (M, H, W, C), without private images.
        views, cropped: of the attack's selection. With 1 view, the score of the image itself.
    Returns: uint8 (N, H, W) or (N, H, W, C), one image per identity. Identities may share an
        image.
    """
    y, device = torch.tensor(list(identities)), device_of(target)
    short = min(shortlist, len(public))
    best = torch.full((len(y), short), -torch.inf)
    where = torch.zeros((len(y), short), dtype=torch.int64)
    with frozen(target), torch.no_grad():
        for at in range(0, len(public), 1024):
            part = to_tensor(public[at : at + 1024])
            log_p = in_batches(lambda x: target(x.to(device)).logits.log_softmax(1).cpu(), part, micro_batch)[:, y].T
            scores = torch.cat([best, log_p], 1)
            found = torch.cat([where, torch.arange(at, at + len(part)).expand(len(y), -1)], 1)
            best, chosen = scores.topk(short, dim=1)
            where = found.gather(1, chosen)
            progress(min(at + 1024, len(public)), len(public), {})
        if views > 1:
            images = to_tensor(public[where.flatten().numpy()]).to(device)
            labels = y.repeat_interleave(short).to(device)
            scored = target_scores(target, images, labels, views=views, cropped=cropped, micro_batch=micro_batch)
            best = scored.mean_log_p.view(len(y), short).cpu()
    picked: np.ndarray = public[where.gather(1, best.argmax(1, keepdim=True)).flatten().numpy()]
    return picked


def permuted_control(hits: np.ndarray, identities: np.ndarray, gallery: np.ndarray) -> np.ndarray:
    """Return Q_k = 1/(N-1) sum_{j != k} [submission of j counts as k].

    This is the exact mean over all shuffles that move k.

    Args:
        hits: (N, G) bool of `Verification`.
        identities: (N,).
        gallery: (G,).
    Returns: (N,) in [0, 1]; zeros for a single identity.
    """
    n = len(identities)
    if n < 2:
        return np.zeros(n)
    column = {int(k): i for i, k in enumerate(gallery)}
    square = hits[:, [column[int(k)] for k in identities]].astype(np.float64)
    out: np.ndarray = (square.sum(0) - np.diag(square)) / (n - 1)
    return out
