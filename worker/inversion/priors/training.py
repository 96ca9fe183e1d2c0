"""Train a prior by its recipe, resumable at any checkpoint."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch

from worker.inversion.priors.gan import GanTraining
from worker.inversion.priors.non_saturating import NonSaturating
from worker.inversion.priors.prior import Prior
from worker.inversion.priors.recipe import PriorRecipe
from worker.inversion.priors.wgan_gp import WganGp
from worker.inversion.progress import Progress, silent

KINDS: dict[str, type[GanTraining]] = {"wgan-gp": WganGp, "non-saturating": NonSaturating}


def start_training(images: np.ndarray, recipe: dict[str, Any], *, seed: int, checkpoint: Path | None) -> GanTraining:
    """A run of this recipe's kind, at the step where `checkpoint` left it if there is one.

    Raises: InvalidRecipe, InvalidImages.
    """
    checked = PriorRecipe.from_dict(recipe)
    run = KINDS[checked.kind](images, checked, seed)
    if checkpoint is not None and checkpoint.exists():
        run.resume(torch.load(checkpoint, weights_only=True))
    return run


def keep(run: GanTraining, checkpoint: Path) -> None:
    """Write the state of a run, whole or not at all."""
    part = checkpoint.with_suffix(".part")
    torch.save(run.state(), part)
    part.replace(checkpoint)


def train_prior(
    images: np.ndarray,
    recipe: dict[str, Any],
    *,
    seed: int,
    progress: Progress = silent,
    checkpoint: Path | None = None,
    every: int = 25,
) -> Prior:
    """Train the prior on public images.

    Args:
        images: uint8 (N, H, W) or (N, H, W, C), square, side a power of two from 16 on.
        recipe: see `recipe.PriorRecipe`; unknown keys are refused.
        checkpoint: file to resume from and to keep the state in; written every 250 steps, whole or not at all.

    Raises: InvalidRecipe, InvalidImages; whatever `progress` raises to cancel.
    """
    run = start_training(images, recipe, seed=seed, checkpoint=checkpoint)
    while run.done < run.recipe.steps:
        figures = run.step()
        if run.done % every == 0 or run.done == run.recipe.steps:
            progress(run.done, run.recipe.steps, figures)
        if checkpoint is not None and (run.done % 250 == 0 or run.done == run.recipe.steps):
            keep(run, checkpoint)
    return run.prior()
