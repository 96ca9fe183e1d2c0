"""Data sets: opened from the store, compared with their digests, and cleaned of copies."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from app.datasets.set_digest import set_digest
from app.errors import UnprocessableError
from app.kit.crypto import UnsealError
from worker.evidence.inputs import AuditInputs, DatasetRow
from worker.evidence.set_binding import CONTENTS, bind, images_changed
from worker.intake.set_contents import contents_of
from worker.job import objects
from worker.job.context import StageContext

FEWEST_PUBLIC = 64


@dataclass(frozen=True)
class ImageSet:
    """Images of a data set.

    Attributes:
        images: uint8 (N, H, W) or (N, H, W, C).
        labels: (N,), -1 without an identity.
        train: (N,), False for held-out images.
    """

    images: np.ndarray
    labels: np.ndarray
    train: np.ndarray


def open_images(context: StageContext, dataset: DatasetRow) -> ImageSet:
    """Open a data set. Raises: ConflictError unless its contents have the recorded digest."""
    path = context.scratch / f"{dataset.id}.npz"
    try:
        objects.download(context, dataset.object_key, path)
        found = _unpacked(path)
    except (UnsealError, BadZipFile, zlib.error, ValueError, KeyError, EOFError, NotImplementedError):
        raise images_changed(dataset.name, "file") from None
    path.unlink()
    contents = contents_of(found.images, found.labels, ~found.train)
    if contents.images_digest != dataset.images_digest:
        raise images_changed(dataset.name, "pixels")
    digest = set_digest(contents, dataset.identities)
    if dataset.digest is None:
        bind(context, dataset.id, dataset.name, digest)
    elif digest != dataset.digest:
        raise images_changed(dataset.name, CONTENTS)
    return found


def _unpacked(path: Path) -> ImageSet:
    """Read a packed set. A damaged file raises errors of many kinds."""
    with np.load(path, allow_pickle=False) as packed:
        return ImageSet(packed["images"], packed["labels"], packed["split"] == "train")


def public_images(context: StageContext, inputs: AuditInputs, prepared: dict[str, Any]) -> np.ndarray:
    """Return the public images without copies of private ones."""
    return without(open_images(context, inputs.public).images, prepared["contamination"]["dropped"])


def without(public: np.ndarray, dropped: Sequence[int]) -> np.ndarray:
    """Return the remaining public images. Raises: UnprocessableError when too few remain."""
    left = np.delete(public, list(dropped), axis=0) if dropped else public
    if len(left) < FEWEST_PUBLIC:
        has = f"The public data set has {len(public)} images"
        if dropped:
            has += f", of which {len(left)} are left without copies of private images"
        needed = f"at least {FEWEST_PUBLIC} are needed"
        raise UnprocessableError(
            "too_few_public_images", f"{has}; {needed}. Upload a larger public data set and start the audit with it."
        )
    return left
