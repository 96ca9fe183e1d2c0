"""Trains an embedder on public labelled images, with one of two different losses."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from worker.inversion.classifier_training import ClassifierTraining, one_cycle
from worker.inversion.data import to_tensor
from worker.inversion.layout import channels_last
from worker.inversion.priors.augmentation import random_views
from worker.inversion.progress import Progress, silent


@dataclass(frozen=True)
class EmbedderRecipe:
    """How an embedder is trained.

    Attributes:
        loss: "prototypical" (distances to class means) or "contrastive" (angles between pairs in
            the batch).
        classes, samples: a batch holds `samples` images of each of `classes` classes.
        symmetries: with 8, each symmetry of the square turns a public class into a separate class.
            Use 8 for characters, which differ by orientation too, and 1 for faces.
    """

    loss: Literal["prototypical", "contrastive"]
    steps: int = 1200
    classes: int = 24
    samples: int = 4
    lr: float = 2e-3
    affine: float = 1.3
    symmetries: int = 8


def prototypical(embeddings: Tensor, y: Tensor, *, classes: int, samples: int, scale: float = 8.0) -> Tensor:
    """-log softmax_j(-s |e - c_j|^2)_k, c_j the mean of the first half of class j.

    e is from the second half of class k.

    Source: Snell, 2017.

    Shapes: embeddings (classes * samples, d), unit length, ordered by class.
    """
    by_class = embeddings.view(classes, samples, -1)
    half = samples // 2
    c, e = by_class[:, :half].mean(1), by_class[:, half:].flatten(0, 1)
    k = torch.arange(classes).repeat_interleave(samples - half)
    return F.cross_entropy(-scale * torch.cdist(e, c).square(), k)


def contrastive(embeddings: Tensor, y: Tensor, *, temperature: float = 0.1) -> Tensor:
    """Mean over positives p of -log exp(e.p/t) / sum_{a != e} exp(e.a/t) (Khosla, 2020)."""
    own = torch.eye(len(y), dtype=torch.bool)
    log_p = (embeddings @ embeddings.T / temperature).masked_fill(own, -1e4).log_softmax(1)
    positive = ((y[:, None] == y[None, :]) & ~own).float()
    return -((log_p * positive).sum(1) / positive.sum(1).clamp_min(1)).mean()


def train_embedder(
    embedder: nn.Module,
    images: np.ndarray,
    labels: np.ndarray,
    recipe: EmbedderRecipe,
    *,
    seed: int,
    progress: Progress = silent,
) -> nn.Module:
    """Train in place and return the embedder in eval mode.

    Args:
        images: uint8 (N, H, W) or (N, H, W, C).
        labels: int (N,), from 0, each with at least `samples` images.
    """
    rng = torch.Generator().manual_seed(seed)
    x, y = to_tensor(images), torch.from_numpy(labels.astype(np.int64))
    members = [torch.nonzero(y == k).squeeze(1) for k in range(int(y.max()) + 1)]
    optimiser = torch.optim.AdamW(embedder.parameters(), lr=recipe.lr, weight_decay=5e-2)
    training = ClassifierTraining(
        forward=channels_last(embedder).train(),
        optimiser=optimiser,
        schedule=one_cycle(optimiser, lr=recipe.lr, steps=recipe.steps),
        loss=partial(prototypical, classes=recipe.classes, samples=recipe.samples)
        if recipe.loss == "prototypical"
        else contrastive,
    )
    for step in range(recipe.steps):
        chosen = torch.randperm(recipe.symmetries * len(members), generator=rng)[: recipe.classes]
        batch, target = [], []
        for k in chosen.tolist():
            pool = members[k // recipe.symmetries]
            pick = pool[torch.randperm(len(pool), generator=rng)[: recipe.samples]]
            batch.append(symmetry(x[pick], k % recipe.symmetries))
            target.append(torch.full((len(pick),), k))
        views = random_views(torch.cat(batch), flips=False, affine=recipe.affine, generator=rng)
        loss = training.step(step, views, torch.cat(target))
        if step % 25 == 24:
            progress(step + 1, recipe.steps, {"loss": float(loss)})
    return embedder.eval()


def symmetry(images: Tensor, g: int) -> Tensor:
    """Apply the g-th of the eight symmetries of the square to images (B, C, H, W), g in 0..7."""
    turned = torch.rot90(images, g % 4, (2, 3))
    return turned.flip(3) if g >= 4 else turned
