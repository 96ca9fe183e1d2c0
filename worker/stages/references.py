"""The private references, opened for the verify stage only, after the reconstructions are frozen."""

from dataclasses import dataclass

import numpy as np

from worker.runtime.context import StageContext
from worker.stages.inputs import AuditInputs, open_images


@dataclass(frozen=True)
class References:
    """Private images by class of the target: `labels` (N,) are class indices; `index` points into the private set."""

    images: np.ndarray
    labels: np.ndarray
    index: np.ndarray


@dataclass(frozen=True)
class PrivateSet:
    """`train` was used in training and makes the gallery; `held_out` was not, and measures the judges."""

    train: References
    held_out: References


def open_references(context: StageContext, inputs: AuditInputs) -> PrivateSet | None:
    """Open the private set; None when the audit has none. Images of identities that are not classes are left out."""
    if inputs.private is None:
        return None
    people = inputs.people
    found = open_images(context, inputs.private)
    labels = np.array([-1 if index is None else index for index in people.classes], np.int64)[found.labels]

    def part(rows: np.ndarray) -> References:
        index = np.flatnonzero(rows)
        return References(found.images[index], labels[index], index)

    return PrivateSet(part(found.train & (labels >= 0)), part(~found.train & (labels >= 0)))
