"""The reference model of the power check: a classifier without defences, and its accuracy."""

from __future__ import annotations

from typing import Any

import numpy as np

from worker.evaluation.evaluator import EVALUATOR, Evaluator, train_evaluator
from worker.evaluation.statistics import Estimate, by_identity, mean, mean_difference
from worker.inversion.keys import Maker
from worker.inversion.progress import Progress, silent

SEED = 90_001
EPOCHS = (30, 60, 120)
TRAINED = 0.99
"""Training accuracy at which a reference model counts as trained."""
REFERENCE = Maker(
    "power-reference",
    2,
    (*EVALUATOR.modules, "app.statistics.resampling", "worker.evaluation.reference", "worker.evaluation.statistics"),
)


def reference_recipe() -> dict[str, Any]:
    """Return the settings that, with the images, determine a reference model."""
    return {"seed": SEED, "epochs": list(EPOCHS), "until": TRAINED}


def train_reference(
    images: np.ndarray, labels: np.ndarray, *, classes: int, progress: Progress = silent, device: str = "cpu"
) -> Evaluator:
    """Train a classifier without any defence until its training accuracy is 99 %.

    Training starts over with 30, 60 and 120 epochs. The last model is returned even if it falls
    short; `knowledge` reports its accuracy.

    Args:
        images: uint8 (N, H, W[, C]).
        labels: (N,) from 0.
    """
    made = None
    for epochs in EPOCHS:
        made = train_evaluator(
            images, labels, seed=SEED, num_classes=classes, epochs=epochs, progress=progress, device=device
        )
        if knowledge(made, (images, labels))["training_accuracy"].value >= TRAINED:
            break
    assert made is not None
    return made


def knowledge(
    model: Evaluator, train: tuple[np.ndarray, np.ndarray], held_out: tuple[np.ndarray, np.ndarray] | None = None
) -> dict[str, Estimate]:
    """Return accuracy on training images and held-out images, over identities, and their gap.

    Args:
        train, held_out: (images, labels).
    """
    known, of = _accuracy(model, *train)
    found = {"training_accuracy": mean(known, within=(0, 1))}
    if held_out is not None and len(held_out[1]):
        unseen, also = _accuracy(model, *held_out)
        found["held_out_accuracy"] = mean(unseen, within=(0, 1))
        both = np.intersect1d(of, also)
        if len(both):
            pair = known[np.isin(of, both)], unseen[np.isin(also, both)]
            found["memorisation_gap"] = mean_difference(*pair, within=(-1, 1))
    return found


def _accuracy(model: Evaluator, images: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean accuracy (M,) of each identity, and the identities."""
    return by_identity(model.top(images, 1)[:, 0] == labels, labels), np.unique(labels)
