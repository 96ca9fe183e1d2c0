"""Model augmentation: students S_i distilled from the target T on public images."""

from __future__ import annotations

import dataclasses
import itertools
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor
from torch.nn import functional as F

from worker.inversion.classifier_training import ClassifierTraining, logits, one_cycle, seeded
from worker.inversion.data import to_tensor
from worker.inversion.errors import EngineError, InvalidRecipe, UnusableModel
from worker.inversion.frozen import frozen
from worker.inversion.keys import IMAGES, NETWORKS, Key, Maker
from worker.inversion.layout import channels_last
from worker.inversion.objective import PublicFeatures
from worker.inversion.priors.augmentation import random_views
from worker.inversion.progress import Progress, silent
from worker.inversion.targets.convention import InputConvention
from worker.inversion.targets.registry import build_network
from worker.inversion.targets.target import Target

MODULES = (
    *IMAGES,
    *NETWORKS,
    "worker.inversion.classifier_training",
    "worker.inversion.students",
)
STUDENTS = Maker("students", 1, MODULES)
P_REG = Maker("p-reg", 2, MODULES)


@dataclass(frozen=True)
class StudentRecipe:
    """How the students are made.

    Attributes:
        networks: (architecture, hyper-parameters) of each student.
        views: views of each public image that the teacher labels: the image itself and views - 1
            random ones (`flips`, `affine` as in `augmentation.random_views`). The paper's recipe
            is 1.
        epochs: passes over all labelled views, with SGD, Nesterov's momentum and weight decay
            1e-4. The rate rises to `lr` in the first 30 % of the steps and falls to 0 along a
            cosine, while the momentum falls from 0.95 to 0.85 and rises again (one cycle; the
            paper says SGD with momentum 0.9).
    """

    networks: tuple[tuple[str, dict[str, Any]], ...]
    epochs: int = 20
    batch: int = 64
    lr: float = 0.02
    views: int = 1
    flips: bool = False
    affine: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "networks", tuple((str(a), dict(h)) for a, h in self.networks))
        if min(self.epochs, self.batch, self.views) < 1 or not self.networks:
            raise InvalidRecipe("student recipe: epochs, batch, views and the number of networks must be at least 1")

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> StudentRecipe:
        known = {f.name for f in dataclasses.fields(cls)}
        if unknown := sorted(set(values) - known):
            raise InvalidRecipe(f"student recipe has unknown keys {unknown}; known: {sorted(known)}")
        if "networks" not in values:
            raise InvalidRecipe("student recipe lacks 'networks'")
        return cls(**values)

    def to_dict(self) -> dict[str, Any]:
        return {**dataclasses.asdict(self), "networks": [[a, h] for a, h in self.networks]}


def default_student_recipe(convention: InputConvention) -> dict[str, Any]:
    """Return EfficientNet-B0/B1/B2 as in the paper, or three small networks up to 32 px.

    The small networks differ in width and kernel.
    """
    if max(convention.height, convention.width) > 32:
        return StudentRecipe(tuple((f"timm/efficientnet_b{i}", {}) for i in range(3))).to_dict()
    twins = ({"width": 16}, {"width": 16, "kernel": 5}, {"width": 24})
    grey = convention.channels == 1
    return StudentRecipe(
        tuple(("exhume/small-cnn", twin) for twin in twins), epochs=5, views=4, flips=grey, affine=1.0
    ).to_dict()


def students_key(target_digest: str, images_digest: str, recipe: dict[str, Any], seed: int) -> Key:
    """Return the digest "sha256:..." of all that determines the students."""
    checked = StudentRecipe.from_dict(recipe).to_dict()
    return STUDENTS.key(target=target_digest, images=images_digest, recipe=checked, seed=seed)


def train_students(
    target: Target,
    images: np.ndarray,
    recipe: dict[str, Any],
    *,
    seed: int,
    progress: Progress = silent,
) -> list[Target]:
    """Distil: minimise KL(softmax T(x) || softmax S(x)) at temperature 1 over public images x.

    T's outputs are computed once.

    Args:
        images: uint8 (N, H, W) or (N, H, W, C).
    Returns: students, each a frozen Target with the target's convention.
    Progress: done and total count optimiser steps; figures "student" (from 1) and "kl".
    """
    r = StudentRecipe.from_dict(recipe)
    rng = torch.Generator().manual_seed(seed)
    device = next(target.parameters()).device
    x = _views(to_tensor(images).to(device), r, rng)
    with frozen(target), torch.no_grad():
        log_t = torch.cat([target(part).logits.log_softmax(1) for part in torch.split(x, 256)])
    batch = min(r.batch, len(x))
    steps = r.epochs * (len(x) // batch)
    students = []
    for i, (architecture, hyperparameters) in enumerate(r.networks):
        own_seed = seed * 1009 + i
        network = build_network(
            architecture, hyperparameters, target.num_classes, target.convention.channels, seed=own_seed
        )
        S = channels_last(Target(network, target.convention, target.num_classes).to(device)).train()
        optimiser = torch.optim.SGD(S.parameters(), lr=r.lr, momentum=0.9, weight_decay=1e-4, nesterov=True)
        training = ClassifierTraining(
            forward=partial(logits, S),
            optimiser=optimiser,
            schedule=one_cycle(optimiser, lr=r.lr, steps=steps),
            loss=_divergence,
        )
        with seeded(own_seed):
            epochs = (training.epoch(epoch, x, log_t, batch=batch, rng=rng) for epoch in range(r.epochs))
            for done, kl in enumerate(itertools.chain.from_iterable(epochs), 1):
                if done % 25 == 0 or done == steps:
                    figures = {"student": i + 1.0, "kl": float(kl)}
                    progress(i * steps + done, steps * len(r.networks), figures)
        optimiser.zero_grad(set_to_none=True)
        students.append(S.eval().requires_grad_(False))
    return students


def _divergence(answer: Tensor, log_t: Tensor) -> Tensor:
    """Return KL(softmax T(x) || softmax S(x)), averaged over a batch with logits `answer` of S."""
    return F.kl_div(answer.log_softmax(1), log_t, log_target=True, reduction="batchmean")


def _views(x: Tensor, r: StudentRecipe, rng: torch.Generator) -> Tensor:
    """Return x and r.views - 1 random views of each image, which are made in their place.

    Args:
        x: (N, C, H, W) in [0, 1].
    """
    if r.views == 1:
        return x
    views = x.new_empty((r.views, *x.shape))
    views[0] = x
    for each in views[1:]:
        each.copy_(random_views(x, flips=r.flips, affine=r.affine, generator=rng))
    return views.flatten(0, 1)


def save_students(students: Sequence[Target], recipe: dict[str, Any], path: Path) -> None:
    """Write all students with their recipe and convention to one safetensors file."""
    tensors = {
        f"{i}.{key}": value.detach().contiguous()
        for i, S in enumerate(students)
        for key, value in S.state_dict().items()
    }
    first = students[0]
    meta = {
        "format": "exhume-students/1",
        "recipe": json.dumps(recipe),
        "convention": json.dumps(first.convention.to_dict()),
        "num_classes": str(first.num_classes),
    }
    save_file(tensors, path, metadata=meta)


def load_students(path: Path) -> list[Target]:
    """Read a file of `save_students`. Raises: UnusableModel."""
    try:
        with safe_open(path, framework="pt") as file:
            meta = file.metadata() or {}
            if meta.get("format") != "exhume-students/1":
                raise UnusableModel(f"{Path(path).name} does not hold students written by Exhume")
            recipe = StudentRecipe.from_dict(json.loads(meta["recipe"]))
            convention = InputConvention.from_dict(json.loads(meta["convention"]))
            num_classes = int(meta["num_classes"])
            tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
        students = []
        for i, (architecture, hyperparameters) in enumerate(recipe.networks):
            network = build_network(architecture, hyperparameters, num_classes, convention.channels)
            S = Target(network, convention, num_classes)
            own = {k.removeprefix(f"{i}."): v for k, v in tensors.items() if k.startswith(f"{i}.")}
            S.load_state_dict(own, strict=True)
            students.append(channels_last(S).eval().requires_grad_(False))
    except EngineError:
        raise
    except (SafetensorError, OSError, KeyError, ValueError, RuntimeError) as error:
        raise UnusableModel(f"students file {Path(path).name} cannot be read: {error}") from error
    return students


def public_features(target: Target, images: np.ndarray, *, limit: int = 5_000) -> PublicFeatures:
    """Return mean and standard deviation of T's penultimate feature over public images.

    At most `limit` images are used, in eval mode. p_reg is the mean, or a draw of the Gaussian
    with both (Nguyen et al., CVPR 2023).
    """
    x = to_tensor(images[:: max(1, -(-len(images) // limit))]).to(next(target.parameters()).device)
    with frozen(target), torch.no_grad():
        features = torch.cat([target(part).features for part in torch.split(x, 256)])
    return PublicFeatures(features.mean(0), features.std(0, correction=0))


def public_feature_mean(target: Target, images: np.ndarray, *, limit: int = 5_000) -> Tensor:
    """Return p_reg as the mean of the public features alone, (d,)."""
    return public_features(target, images, limit=limit).mean
