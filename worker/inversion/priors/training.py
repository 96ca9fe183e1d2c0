"""Trains a prior by its recipe. Training can resume from a checkpoint."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from worker.inversion.data import to_tensor, to_uint8
from worker.inversion.errors import InvalidRecipe, TrainingDiverged
from worker.inversion.priors.gan import GanTraining
from worker.inversion.priors.kedmi import KedmiGan
from worker.inversion.priors.kernel_distance import kernel_distance, random_features
from worker.inversion.priors.non_saturating import NonSaturating
from worker.inversion.priors.principal_components import principal_components
from worker.inversion.priors.prior import Prior
from worker.inversion.priors.recipe import PriorRecipe
from worker.inversion.priors.wgan_gp import WganGp
from worker.inversion.progress import Progress, silent
from worker.inversion.registry import Registry
from worker.inversion.targets.target import Target

MEASURED_EVERY = 500
KEPT_EVERY = 250
"""Steps between measurements of the kernel distance, and between saved checkpoints."""
MEASURED_IMAGES = 512

Samples = Callable[[int, np.ndarray], None]
"""`samples(step, images)`: 16 images uint8 of the averaged generator, from fixed latents."""

priors: Registry[Callable[..., GanTraining]] = Registry("prior kind")
priors.register("wgan-gp")(WganGp)
priors.register("non-saturating")(NonSaturating)
priors.register("kedmi")(KedmiGan)


def start_training(
    images: np.ndarray,
    recipe: dict[str, Any],
    *,
    seed: int,
    checkpoint: Path | None,
    target: Target | None = None,
    device: str | torch.device = "cpu",
) -> GanTraining:
    """Return a training run of this recipe, resumed from `checkpoint` if the file exists.

    Raises: InvalidImages. InvalidRecipe, also for kind "pca", which `train_prior` fits directly.
    """
    checked = PriorRecipe.from_dict(recipe)
    if checked.kind == "pca":
        raise InvalidRecipe("a pca prior is fitted, not trained: it has no steps to start or resume; call train_prior")
    if checked.kind == "kedmi":
        if target is None or target.num_classes != checked.num_classes:
            raise InvalidRecipe(f"a kedmi prior of {checked.num_classes} classes needs a target with as many")
        run = priors[checked.kind](images, checked, seed, target, device)
    else:
        run = priors[checked.kind](images, checked, seed, device)
    if checkpoint is not None and checkpoint.exists():
        run.resume(torch.load(checkpoint, weights_only=True, map_location="cpu"))
    return run


def keep(run: GanTraining, checkpoint: Path) -> None:
    """Write the state of a run atomically."""
    part = checkpoint.with_suffix(".part")
    torch.save(run.state(), part)
    part.replace(checkpoint)


def measure(run: GanTraining, samples: Samples | None = None) -> float:
    """Return the kernel distance between public images and samples of the averaged generator.

    Both sets have the same size. 16 of the samples are passed to `samples`.
    """
    n = min(MEASURED_IMAGES, len(run.images))
    prior, rng = run.prior(), torch.Generator().manual_seed(2)
    z = torch.randn(n, prior.latent_dim, generator=rng).to(run.device)
    with torch.no_grad():
        fake = torch.cat([prior.decode(part).cpu() for part in torch.split(z, 64)])
    if samples is not None:
        samples(run.done, to_uint8(fake[:16]))
    real = to_tensor(run.images[np.linspace(0, len(run.images) - 1, n).astype(int)])
    return kernel_distance(random_features(real), random_features(fake))


def train_prior(
    images: np.ndarray,
    recipe: dict[str, Any],
    *,
    seed: int,
    target: Target | None = None,
    progress: Progress = silent,
    samples: Samples | None = None,
    checkpoint: Path | None = None,
    every: int = 25,
    device: str | torch.device = "cpu",
) -> Prior:
    """Train the prior on public images.

    Args:
        images: uint8 (N, H, W) or (N, H, W, C), square, side a power of two from 16 on.
        recipe: see `recipe.PriorRecipe`. Unknown keys are rejected.
        target: the target whose outputs a kedmi prior learns. It is not changed.
        samples: called every 500 steps with samples of the current prior.
        checkpoint: file to resume from and to write the state to, atomically every 250 steps.
        device: where to compute, and the device of the returned prior. All random numbers are
            drawn on the CPU.

    Progress: figures are the losses and, measured every 500 steps, "kid", the kernel distance to
    the public images.
    Raises: InvalidRecipe, InvalidImages, TrainingDiverged; anything that `progress` raises to
        cancel.
    """
    checked = PriorRecipe.from_dict(recipe)
    if checked.kind == "pca":  # a fit of at most a minute, not resumable
        return principal_components(images, checked, seed=seed, progress=progress, device=device)
    run = start_training(images, recipe, seed=seed, checkpoint=checkpoint, target=target, device=device)
    kid: dict[str, float] = {}
    unread = torch.zeros((), device=run.device)  # NaN or infinite as soon as one of the losses is
    while run.done < run.recipe.steps and not run.on_plateau():
        losses = run.step()
        unread = unread + torch.stack(list(losses.values())).sum()
        looked_at = any(run.done % each == 0 for each in (every, KEPT_EVERY, MEASURED_EVERY, run.recipe.steps))
        if run.device.type != "cpu" and not looked_at:
            continue
        figures = {name: float(value) for name, value in losses.items()}
        if not math.isfinite(float(unread)):
            raise TrainingDiverged(
                f"the training of the {checked.kind} prior diverged at step {run.done} of {checked.steps} ({figures}): "
                "lower lr_critic and lr_generator, raise gp, or use the prior of principal components (pca)"
            )
        if run.done % MEASURED_EVERY == 0:
            kid = {"kid": measure(run, samples)}
            run.measured.append(kid["kid"])
        last = run.done == run.recipe.steps or run.on_plateau()
        if run.done % every == 0 or last:
            progress(run.done, run.recipe.steps, figures | kid)
        if checkpoint is not None and (run.done % KEPT_EVERY == 0 or last):
            keep(run, checkpoint)
    return run.prior()
