"""Contamination: public images that are, or nearly are, private ones would make an attack look better than it is."""

from dataclasses import dataclass

import numpy as np
from PIL import Image

SIDE = 16  # coarse enough that rescaling and noise hardly show
NEAR = 0.995  # correlation of the coarse grey versions; copies stay above, other pictures of the same thing below
CHUNK = 1024


@dataclass(frozen=True)
class Contamination:
    """Indices into the public images."""

    exact: tuple[int, ...]
    near: tuple[int, ...]

    @property
    def dropped(self) -> list[int]:
        """Everything that is not used."""
        return sorted({*self.exact, *self.near})


def find_contamination(public: np.ndarray, private: np.ndarray) -> Contamination:
    """Compare uint8 images (N, H, W[, C]) with (M, H, W[, C]): equal pixels, or correlation of at least `NEAR`."""
    known = {image.tobytes() for image in private}
    exact = tuple(i for i, image in enumerate(public) if image.tobytes() in known)
    a, b = standardised(public), standardised(private)
    best = np.concatenate([(a[at : at + CHUNK] @ b.T).max(axis=1) for at in range(0, len(a), CHUNK)])
    near = tuple(int(i) for i in np.flatnonzero(best >= NEAR) if int(i) not in set(exact))
    return Contamination(exact, near)


def standardised(images: np.ndarray) -> np.ndarray:
    """(N, SIDE * SIDE) float32 of zero mean and unit length; a flat image becomes zero and correlates with nothing."""
    size = (SIDE, SIDE)
    grey = [Image.fromarray(image).convert("L").resize(size, Image.Resampling.BOX) for image in images]
    rows = np.stack([np.asarray(image, np.float32).ravel() for image in grey])
    rows -= rows.mean(axis=1, keepdims=True)
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    unit: np.ndarray = np.where(length > 1e-3, rows / np.maximum(length, 1e-3), 0)
    return unit
