"""Trains an embedder on public images, labelled or not, with one of several losses."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from worker.evaluation.redundancy import barlow_twins
from worker.inversion.classifier_training import ClassifierTraining, one_cycle
from worker.inversion.data import to_tensor
from worker.inversion.layout import channels_last
from worker.inversion.priors.augmentation import diff_augment, random_views
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
    """Mean over positives p of -log exp(e.p/t) / sum_{a != e} exp(e.a/t) (Khosla, 2020).

    With two views of each image, and y the number of the image, this is the loss of SimCLR (Chen,
    2020).
    """
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


@dataclass(frozen=True)
class UnlabelledRecipe:
    """How an embedder is trained on images without names.

    A batch holds two views of each of `batch` images. Views of one image are to be alike.

    Attributes:
        loss: "contrastive" (unlike the views of the other images) or "barlow-twins" (numbers of an
            embedding that do not repeat each other).
        affine: strength of the random affine map of a view.
        changes: further changes of a view, as in `diff_augment`.
        symmetries: with 8, an image is first rotated or mirrored at random, both views alike, and
            so becomes another image.
    """

    loss: Literal["contrastive", "barlow-twins"]
    steps: int = 1200
    batch: int = 64
    lr: float = 2e-3
    affine: float = 2.0
    changes: str = "colour"
    symmetries: int = 1


def train_unlabelled(
    embedder: nn.Module, images: np.ndarray, recipe: UnlabelledRecipe, *, seed: int, progress: Progress = silent
) -> nn.Module:
    """Train in place on images without names and return the embedder in eval mode.

    Args:
        images: uint8 (N, H, W) or (N, H, W, C).
    """
    rng = torch.Generator().manual_seed(seed)
    x = to_tensor(images)
    batch = min(recipe.batch, len(x))
    same = torch.arange(batch).repeat(2)
    optimiser = torch.optim.AdamW(embedder.parameters(), lr=recipe.lr, weight_decay=5e-2)
    training = ClassifierTraining(
        forward=channels_last(embedder).train(),
        optimiser=optimiser,
        schedule=one_cycle(optimiser, lr=recipe.lr, steps=recipe.steps),
        loss=contrastive if recipe.loss == "contrastive" else barlow_twins,
    )
    for step in range(recipe.steps):
        chosen = x[torch.randperm(len(x), generator=rng)[:batch]]
        turns = torch.randint(0, recipe.symmetries, (batch,), generator=rng).tolist()
        turned = torch.cat([symmetry(chosen[i : i + 1], g) for i, g in enumerate(turns)])
        loss = training.step(step, changed(torch.cat([turned, turned]), recipe, rng), same)
        if step % 25 == 24:
            progress(step + 1, recipe.steps, {"loss": float(loss)})
    return embedder.eval()


def changed(images: Tensor, recipe: UnlabelledRecipe, rng: torch.Generator) -> Tensor:
    """Return a random view of each image (B, C, H, W)."""
    views = random_views(images, flips=False, affine=recipe.affine, generator=rng)
    return diff_augment(views, recipe.changes, rng).clamp(0, 1)


def symmetry(images: Tensor, g: int) -> Tensor:
    """Apply the g-th of the eight symmetries of the square to images (B, C, H, W), g in 0..7."""
    turned = torch.rot90(images, g % 4, (2, 3))
    return turned.flip(3) if g >= 4 else turned
