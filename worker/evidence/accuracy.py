"""Accuracy of the target and its twin on the private images."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from worker.evaluation.input_conventions import guesses_of
from worker.evaluation.statistics import by_identity, mean
from worker.evidence.private_set import PrivateSet
from worker.inversion.targets import Target


def target_fit(target: Target, private: PrivateSet) -> np.ndarray:
    """Return the target's accuracy (M,) on the private images of each identity.

    Training and held-out images count alike.
    """
    images = np.concatenate([private.train.images, private.held_out.images])
    labels = np.concatenate([private.train.labels, private.held_out.labels])
    return by_identity(guesses_of(target, images) == labels, labels)


def twin_accuracy(twin: Target, private: PrivateSet, replaced: Sequence[int]) -> dict[str, Any]:
    """Return the twin's mean accuracy on replaced and other identities.

    A twin should know the others as well as the target does, and the replaced ones not at all.
    """
    labels = np.unique(np.concatenate([private.train.labels, private.held_out.labels]))
    fit, gone = target_fit(twin, private), np.isin(labels, replaced)
    parts = {"on_replaced": fit[gone], "on_others": fit[~gone]}
    figures = {name: mean(part, within=(0, 1)).to_dict() for name, part in parts.items() if len(part)}
    return {name: figures[name]["value"] if name in figures else None for name in parts} | {"figures": figures}
