"""The evaluator of the literature: a second classifier of the same task.

It is uncalibrated and overstates what leaks.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from worker.inversion.classifier_training import train_classifier
from worker.inversion.data import to_tensor
from worker.inversion.errors import InvalidImages, UnusableModel
from worker.inversion.keys import IMAGES, NETWORKS, Maker
from worker.inversion.layout import channels_last, device_of
from worker.inversion.progress import Progress, silent
from worker.inversion.targets.convention import InputConvention
from worker.inversion.targets.registry import build_network
from worker.inversion.targets.target import Output, Target

ARCHITECTURE, HYPERPARAMETERS = "exhume/small-cnn", {"width": 24, "depth": 2, "feature_dim": 160, "dropout": 0.3}
BATCH, LR = 64, 3e-3

EVALUATOR = Maker(
    "evaluator",
    1,
    (*IMAGES, *NETWORKS, "worker.evaluation.evaluator", "worker.inversion.classifier_training"),
)


class Evaluator:
    """E: a classifier of the private identities, independent of T, with uncalibrated figures."""

    calibrated = False

    def __init__(self, model: Target) -> None:
        self.model = model.eval().requires_grad_(False)

    def to(self, device: str) -> Evaluator:
        """Move the network to a device. Answers stay on the CPU."""
        self.model.to(device)
        return self

    def answers(self, images: np.ndarray) -> Output:
        """Return logits (N, num_classes) and features (N, d) of uint8 images, on the CPU.

        Shapes: images (N, H, W) or (N, H, W, C).
        """
        device = device_of(self.model)
        with torch.no_grad():
            parts = [self.model(part.to(device)) for part in torch.split(to_tensor(images), 256)]
        return Output(*(torch.cat(column).cpu() for column in zip(*parts, strict=True)))

    def top(self, images: np.ndarray, k: int = 5) -> np.ndarray:
        """Return the k most likely identities (N, k) int64 of uint8 images, best first.

        Shapes: images (N, H, W) or (N, H, W, C).
        """
        ranked: np.ndarray = self.answers(images).logits.topk(min(k, self.model.num_classes), dim=1).indices.numpy()
        return ranked


def train_evaluator(
    images: np.ndarray,
    labels: np.ndarray,
    *,
    seed: int,
    num_classes: int | None = None,
    epochs: int = 15,
    progress: Progress = silent,
    device: str = "cpu",
) -> Evaluator:
    """Train E on private images (N, H, W[, C]) uint8 with labels (N,) from 0.

    An attack never uses it.

    Progress: done and total count epochs; figures "loss".
    Raises: InvalidImages.
    """
    x, y = to_tensor(images), torch.from_numpy(np.asarray(labels, np.int64))
    if len(x) != len(y) or len(x) < 2:
        raise InvalidImages(f"the evaluator needs as many labels as images and at least two, not {len(y)} and {len(x)}")
    classes = num_classes or int(y.max()) + 1
    _, c, h, w = x.shape
    convention = InputConvention(h, w, c, mean=(0.5,), std=(0.5,))
    network = build_network(ARCHITECTURE, dict(HYPERPARAMETERS), classes, c, seed=seed + 7919)
    E = channels_last(Target(network, convention, classes).to(device))
    x, y = x.to(device), y.to(device)
    train_classifier(E, x, y, epochs=epochs, batch=BATCH, lr=LR, seed=seed, dropout_seed=seed + 7919, progress=progress)
    return Evaluator(E)


def save_evaluator(evaluator: Evaluator, path: Path) -> None:
    """Write the evaluator as safetensors with its convention."""
    m = evaluator.model
    meta = {
        "format": "exhume-evaluator/1",
        "convention": json.dumps(m.convention.to_dict()),
        "num_classes": str(m.num_classes),
    }
    save_file({k: v.contiguous() for k, v in m.network.state_dict().items()}, path, metadata=meta)


def load_evaluator(path: Path) -> Evaluator:
    """Read a file of `save_evaluator`. Raises: UnusableModel."""
    try:
        with safe_open(path, framework="pt") as file:
            meta = file.metadata() or {}
            if meta.get("format") != "exhume-evaluator/1":
                raise UnusableModel(f"{Path(path).name} is not an evaluator written by Exhume")
            convention = InputConvention.from_dict(json.loads(meta["convention"]))
            classes = int(meta["num_classes"])
            network = build_network(ARCHITECTURE, dict(HYPERPARAMETERS), classes, convention.channels)
            network.load_state_dict({k: file.get_tensor(k) for k in file.keys()}, strict=True)  # noqa: SIM118
    except (SafetensorError, OSError, KeyError, RuntimeError) as error:
        raise UnusableModel(f"evaluator {Path(path).name} cannot be read: {error}") from error
    return Evaluator(channels_last(Target(network, convention, classes)))
