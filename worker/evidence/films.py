"""The film of a search as one small picture: its frames side by side."""

import numpy as np
from PIL import Image

from worker.inversion.attacks.film import Strip

LARGEST_SIDE = 64
"""Of a frame, in pixels. Larger ones are made smaller."""


def pictured(strip: Strip) -> np.ndarray:
    """Return the frames side by side, uint8 (h, n * w) or (h, n * w, C)."""
    return np.concatenate([_small(frame) for frame in strip.frames], axis=1)


def _small(frame: np.ndarray) -> np.ndarray:
    height, width = frame.shape[:2]
    scale = LARGEST_SIDE / max(height, width)
    if scale >= 1:
        return frame
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(Image.fromarray(frame).resize(size, Image.Resampling.BOX))
