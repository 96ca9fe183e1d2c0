"""Tiny trainings of every network that the engine trains, and outputs of the trained networks."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from bench.make.train_target import TargetRecipe, train_target
from bench.truth.fit import Recipe, trained
from worker.demo.train_target import ARCHITECTURE, CONVENTION, HYPERPARAMETERS, train_demo_target
from worker.evaluation.embedder_training import EmbedderRecipe, train_embedder
from worker.evaluation.evaluator import train_evaluator
from worker.evaluation.verifier_pair import make_embedder
from worker.inversion.targets import load_target

from . import attacks

CLASSES, EACH, SIDE = 4, 5, 16


def images_and_labels(channels: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Return (20, 16, 16[, 3]) uint8: a bright square whose place depends on the class."""
    rng = np.random.default_rng(6)
    labels = np.repeat(np.arange(CLASSES), EACH)
    images = rng.integers(0, 60, (len(labels), SIDE, SIDE, channels), dtype=np.uint8)
    for image, label in zip(images, labels, strict=True):
        top, left = 2 + 7 * (label // 2), 2 + 7 * (label % 2)
        image[top : top + 5, left : left + 5] += 150
    return (images[..., 0] if channels == 1 else images), labels


@contextmanager
def seeded() -> Iterator[None]:
    """Restore the caller's random state."""
    with torch.random.fork_rng(devices=[]):
        yield


def evaluator() -> nn.Module:
    return train_evaluator(*images_and_labels(), seed=4, epochs=3).model


def small_evaluator() -> nn.Module:
    """Train on fewer classes than declared, in one batch with all images."""
    images, labels = images_and_labels()
    return train_evaluator(images[:7], labels[:7], seed=5, num_classes=6, epochs=2).model


def embedder(kind: str) -> nn.Module:
    with seeded():
        network = make_embedder(kind, 1, (SIDE, SIDE))
    loss = "prototypical" if kind == "plain" else "contrastive"
    recipe = EmbedderRecipe(loss, steps=3, classes=4, symmetries=8)  # type: ignore[arg-type]
    return train_embedder(network, *images_and_labels(), recipe, seed=9)


def demo_target() -> nn.Module:
    """Train for one epoch, with two characters replaced as in a twin."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "target.safetensors"
        card = train_demo_target(path, seed=2, epochs=1, replaced={0: 3, 7: 1})
        return load_target(path, ARCHITECTURE, HYPERPARAMETERS, card["num_classes"], CONVENTION)


PAPER = TargetRecipe(
    "exhume/small-cnn", {"width": 4, "feature_dim": 12, "dropout": 0.3}, size=SIDE, epochs=2, batch=6, seed=8
)  # fmt: skip


def paper_target() -> nn.Module:
    return train_target(*images_and_labels(3), PAPER)


def one_cycle_target() -> nn.Module:
    recipe = dataclasses.replace(PAPER, schedule="one-cycle", affine=1.0, mirror=False, lr=0.05)
    return train_target(*images_and_labels(), recipe)


def with_noisy_gradients() -> nn.Module:
    return trained(Recipe(classes=2, epochs=2, smoothing=0.1, noise=0.1), seed=3)


TRAININGS: dict[str, Callable[[], nn.Module]] = {
    "evaluator": evaluator,
    "small-evaluator": small_evaluator,
    "embedder-plain": lambda: embedder("plain"),
    "embedder-residual": lambda: embedder("residual"),
    "demo-target": demo_target,
    "paper-target": paper_target,
    "one-cycle-target": one_cycle_target,
    "noisy-gradients": with_noisy_gradients,
    "student": lambda: attacks.students()[1],
}


def answers(network: nn.Module, channels: int) -> np.ndarray:
    """Return outputs (6, n) for six of the images, in the network's input size."""
    images, _ = images_and_labels(channels)
    x = torch.from_numpy(images[::4][:6]).float().div(255)
    x = x[:, None] if channels == 1 else x.permute(0, 3, 1, 2).contiguous()
    with torch.no_grad():
        found = network.eval()(x)
    out: Tensor = found if isinstance(found, Tensor) else found.logits
    array: np.ndarray = out.numpy()
    return array


def channels_of(name: str) -> int:
    return 3 if name == "paper-target" else 1
