"""Domain refit: moves a linear prior towards the images that the target was trained on."""

from __future__ import annotations

import copy
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from worker.inversion.attacks.attack import Attack
from worker.inversion.attacks.capture import Recorder
from worker.inversion.attacks.decoder import Decoder
from worker.inversion.attacks.run import run_attack
from worker.inversion.data import to_tensor, to_uint8
from worker.inversion.errors import EngineError, UnusableModel
from worker.inversion.feature_decoder import decode_classes
from worker.inversion.keys import IMAGES, NETWORKS, SEARCH, Maker
from worker.inversion.layout import device_of
from worker.inversion.objective import PublicFeatures
from worker.inversion.priors.linear import GaussianRealism, LinearGenerator
from worker.inversion.priors.prior import Prior
from worker.inversion.progress import Progress, part_of, silent
from worker.inversion.targets.target import Target

REFIT = Maker(
    "domain-refit",
    3,
    (
        *SEARCH,
        *IMAGES,
        *NETWORKS,
        "worker.inversion.domain_refit",
        "worker.inversion.feature_decoder",
    ),
)
FORMAT = "exhume-refit/1"
ROUNDS, STEP, SEARCH_STEPS = 2, 1.5, 60
LAMBDA_REG, REALISM_WEIGHT, MICRO_BATCH = 3.0, 10.0, 10
"""Of the search of a round. The weights are those of the decoder for a linear prior."""
FEWEST_CLASSES, MOST_CLASSES = 20, 100
"""Classes whose mean reconstruction is taken. Of few classes it would be a picture of them."""


class Refitted(NamedTuple):
    """A prior at the target's domain, and the decoder fitted to it.

    Attributes:
        prior: the prior with a moved mean, or the one given if it cannot be refitted.
        latents: of the decoder for this prior (K, d).
        moved: root mean square of the mean's move of each round, in pixel values from 0 to 1. The
            first move of 0 ends the rounds.
        explained: share of the latents' variance that the target's features explain.
    """

    prior: Prior
    latents: Tensor
    moved: tuple[float, ...]
    explained: float

    def to_dict(self) -> dict[str, Any]:
        """Return the figures of a result document."""
        return {"moved": [round(one, 5) for one in self.moved], "explained": round(self.explained, 5)}


def refit_domain(
    target: Target,
    prior: Prior,
    public: np.ndarray,
    p_reg: PublicFeatures | Tensor | None,
    attack: Attack,
    *,
    seed: int,
    rounds: int = ROUNDS,
    progress: Progress = silent,
    recorder: Recorder | None = None,
) -> Refitted:
    """Return the prior with its mean image moved towards the target's training images.

    In every round, all classes y are reconstructed (`search_of`: one short search from the
    decoder, without students, averaged with it). Over classes, identities cancel and the domain
    stays:

        delta = s STEP (mean_y G(z_y) - m),   m <- m + delta,   x <- x + delta for all public x

    and the decoder is fitted again to the moved images. s is 0 where the mean over so few classes
    differs from m by no more than its own error (see `certain_share`), which ends the rounds. So a
    prior that is at the target's domain already stays there. No private image is used. The prior
    control draws from the same prior, so it is moved as far.

    A prior that is not linear, and a target with fewer than `FEWEST_CLASSES` classes, keep their
    mean.

    Args:
        attack: of which the setting and the precision count, so that attacks can share a refit.
        public: uint8 (N, H, W) or (N, H, W, C).
        p_reg, recorder: see `run_attack`.
    Progress: done and total count row-steps of all rounds.
    Source: ours (docs/engine.md).
    """
    if not isinstance(prior.G, LinearGenerator) or target.num_classes < FEWEST_CLASSES:
        decoded = decode_classes(target, prior, public)
        return Refitted(prior, decoded.latents, (), decoded.explained)
    classes = spread(target.num_classes)
    search = search_of(attack)
    moving, shift, moved = copy.deepcopy(prior), torch.zeros(prior.shape), []
    decoded = decode_classes(target, moving, public)
    for done in range(rounds):
        found = run_attack(
            target, [], moving, p_reg, classes, search,
            seed=seed, progress=part_of(progress, done, rounds), decoded=decoded.latents, at_once=len(classes),
            recorder=recorder,
        )  # fmt: skip
        images = to_tensor(np.stack([one.image for one in found if one.selected]))
        with torch.no_grad():
            mean = moving.decode(torch.zeros(1, prior.latent_dim, device=device_of(prior)))[0].cpu()
        move = certain_share(images, mean) * STEP * (images.mean(0) - mean)
        moved.append(float(move.square().mean().sqrt()))
        if not moved[-1]:
            progress(1, 1, {})
            break
        moving, shift = _moved(moving, move), shift + move
        decoded = decode_classes(target, moving, _shifted(public, shift))
    return Refitted(moving, decoded.latents, tuple(moved), decoded.explained)


def search_of(attack: Attack) -> Decoder:
    """Return the search of a round of the refit for an attack that uses the decoder."""
    return Decoder(
        setting=attack.without_students().setting,
        steps=SEARCH_STEPS,
        restarts=1,
        views_per_step=0,
        selection="consensus",
        lambda_reg=LAMBDA_REG,
        realism_weight=REALISM_WEIGHT,
        precision=attack.precision,
        micro_batch=MICRO_BATCH,
    )


def certain_share(images: Tensor, mean: Tensor) -> float:
    """Return how much of the difference between the mean of K images and another is not error.

    The positive-part estimator of James and Stein, with e^2 the squared standard error of the mean
    and d^2 the squared difference, both averaged over pixels:

        e^2 = mean_pixels var_k(x_k) / K,   d^2 = mean_pixels (mean_k x_k - m)^2
        s = max(0, 1 - e^2 / d^2)

    Args:
        images: (K, C, H, W) in [0, 1], K >= 2.
        mean: m, (C, H, W).
    Returns: s, from 0 to 1.
    Source: James and Stein, Berkeley Symposium 1961; Baranchik 1964 for the positive part.
    """
    error = float(images.var(0).mean()) / len(images)
    difference = float((images.mean(0) - mean).square().mean())
    return max(0.0, 1 - error / difference) if difference > 0 else 0.0


def spread(classes: int) -> Sequence[int]:
    """Return at most `MOST_CLASSES` classes, evenly spaced."""
    count = min(classes, MOST_CLASSES)
    return [i * classes // count for i in range(count)]


def _moved(prior: Prior, move: Tensor) -> Prior:
    """Return a copy of a linear prior with its mean image moved by (C, H, W)."""
    made = copy.deepcopy(prior)
    assert isinstance(made.G, LinearGenerator)
    assert isinstance(made.D, GaussianRealism)
    by = move.flatten().to(made.G.mean)
    made.G.mean, made.D.mean = made.G.mean + by, made.D.mean + by
    return made


def _shifted(images: np.ndarray, shift: Tensor) -> np.ndarray:
    """Return uint8 images moved by (C, H, W)."""
    parts = [
        to_uint8((to_tensor(part) + shift).clamp(0, 1)) for part in np.array_split(images, max(1, len(images) // 1024))
    ]
    return np.concatenate(parts)


def save_refit(made: Refitted, path: Path) -> None:
    """Write the moved mean and the decoder's latents as safetensors, without the prior itself."""
    mean = {"mean": made.prior.G.mean} if isinstance(made.prior.G, LinearGenerator) else {}
    save_file(
        {name: t.cpu().contiguous() for name, t in {"latents": made.latents, **mean}.items()},
        path,
        metadata={"format": FORMAT, **{name: json.dumps(value) for name, value in made.to_dict().items()}},
    )


def load_refit(path: Path, prior: Prior) -> Refitted:
    """Read a file of `save_refit` for the prior that was refitted. Raises: UnusableModel."""
    try:
        with safe_open(path, framework="pt") as file:
            meta = file.metadata() or {}
            if meta.get("format") != FORMAT:
                raise UnusableModel(f"{path.name} does not hold a domain refit written by Exhume")
            latents = file.get_tensor("latents")
            if isinstance(prior.G, LinearGenerator):
                move = (file.get_tensor("mean").to(prior.G.mean) - prior.G.mean).view(prior.shape)
                prior = _moved(prior, move)
        return Refitted(prior, latents, tuple(json.loads(meta["moved"])), json.loads(meta["explained"]))
    except EngineError:
        raise
    except (SafetensorError, OSError, KeyError, ValueError, RuntimeError) as error:
        raise UnusableModel(f"domain refit {path.name} cannot be read: {error}") from error
