"""The private references, opened for the verify stage only, after the reconstructions are frozen."""

from dataclasses import dataclass

import numpy as np

from app.errors import UnprocessableError
from app.kit.names import matched
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
    """Open the private set; None when the audit has none. Its identities are found among the classes by name."""
    if inputs.private is None:
        return None
    if not inputs.private.identities:
        raise UnprocessableError(
            "no_identities", "The private set has no identities. Upload it with one folder, or label, per class."
        )
    found = open_images(context, inputs.private)
    named = matched(inputs.private.identities, inputs.classes)
    if named.unknown:
        raise UnprocessableError(
            "unknown_identities",
            f"{len(named.unknown)} identities of the private set are not classes of the release:"
            f" {', '.join(named.unknown[:5])}.",
            errors=[{"identity": name} for name in named.unknown],
        )
    place = {name: index for index, name in enumerate(inputs.classes)}
    classes = np.array([place[named.found[name]] for name in inputs.private.identities], np.int64)
    labels = classes[found.labels]

    def part(rows: np.ndarray) -> References:
        index = np.flatnonzero(rows)
        return References(found.images[index], labels[index], index)

    return PrivateSet(part(found.train), part(~found.train))
