"""Contents that the digest of a data set covers."""

from __future__ import annotations

import numpy as np

from app.datasets.set_digest import SetContents


def contents_of(images: np.ndarray, labels: np.ndarray, held_out: np.ndarray) -> SetContents:
    """Pack images (N, H, W[, C]) uint8, labels (N,) with -1 for none, and held_out (N,) bool."""
    from worker.inversion.data import images_digest  # loads torch, which not every intake needs

    return SetContents(images_digest(images), labels.astype("<i8").tobytes(), held_out.astype("u1").tobytes())
