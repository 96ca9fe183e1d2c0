"""What the sandbox hands out: raw arrays in files whose sizes the parent can check without parsing anything."""

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
    """images (N, H, W[, 3]) uint8, labels (N,), held_out (N,) bool -> files, and the answer for the parent."""
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
    """Refuse before the memory is taken.

    Raises: Refused (set-too-large).
    """
    total = count * height * width * channels
    if total > limits.packed_bytes:
        raise Refused(
            "set-too-large",
            f"{count} images of {height}x{width}x{channels} take {total:,} bytes unpacked, at most"
            f" {limits.packed_bytes:,} are taken. Use fewer images, or scale them to the size the model takes.",
        )
