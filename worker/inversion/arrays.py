"""Checks of image arrays, without torch, so that small processes can use them."""

from __future__ import annotations

import numpy as np

from worker.inversion.errors import InvalidImages


def check_images(images: np.ndarray) -> None:
    """Raise InvalidImages unless uint8, (N, H, W) or (N, H, W, C) with C in {1, 3}, N >= 1."""
    grey = images.ndim == 3
    if images.dtype != np.uint8 or not (grey or (images.ndim == 4 and images.shape[3] in (1, 3))):
        raise InvalidImages(
            f"images must be uint8 (N, H, W) or (N, H, W, C) with 1 or 3 channels, not {images.dtype} {images.shape}"
        )
    if min(images.shape) < 1:
        raise InvalidImages(f"the image array is empty: shape {images.shape}")
