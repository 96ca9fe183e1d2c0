"""Output of the sandbox: raw arrays in files, whose sizes the parent can check without parsing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from app.formats.limits import DatasetLimits
from app.formats.refusal import Refused

IMAGES, LABELS, HELD_OUT = "images.raw", "labels.raw", "held-out.raw"


def write_raw(
    work: Path,
    images: np.ndarray,
    *,
    labels: np.ndarray,
    held_out: np.ndarray,
    identities: list[str],
    notes: list[str],
) -> dict[str, Any]:
    """Write images (N, H, W[, 3]) uint8, labels (N,) and held_out (N,) bool. Return the answer."""
    if images.ndim == 4 and images.shape[3] == 1:
        images = images[..., 0]
    images.tofile(work / IMAGES)
    labels.astype("<i8").tofile(work / LABELS)
    held_out.astype("u1").tofile(work / HELD_OUT)
    count, height, width = images.shape[:3]
    channels = images.shape[3] if images.ndim == 4 else 1
    return {
        "images": count,
        "height": height,
        "width": width,
        "channels": channels,
        "identities": identities,
        "notes": notes,
    }


def check_size(count: int, height: int, width: int, channels: int, limits: DatasetLimits) -> None:
    """Reject a set that is too large, before any memory is allocated.

    Raises: Refused (set-too-large).
    """
    total = count * height * width * channels
    if total > limits.packed_bytes:
        raise Refused(
            "set-too-large",
            f"{count} images of {height}x{width}x{channels} have {total:,} bytes unpacked, more than the limit of"
            f" {limits.packed_bytes:,}. Use fewer images, or scale them to the input size of the model.",
        )
