"""The result of an attack: images and their provenance."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

from worker.inversion.attacks.film import Strip


@dataclass(frozen=True)
class Reconstruction:
    """One image made for one identity.

    Attributes:
        image: uint8 (H, W) or (H, W, C).
        target_score: the selection score, a mean log probability of the identity under T: at most
            0, higher is better.
        target_confidence: softmax T(x)_y of the rounded image, in [0, 1].
        target_top1: whether T assigns the rounded image to the identity it was made for.
        selected: True for the one restart per identity that the attacker submits.
        iterations: number of steps of the row.
        micro_batch: images computed at once, fewer than planned if memory was short.
        film: frames of the search, of one restart per identity where films are kept.
    """

    image: np.ndarray
    identity: int
    restart: int
    seed: int
    target_score: float
    target_confidence: float
    selected: bool
    iterations: int
    target_top1: bool
    micro_batch: int
    film: Strip | None = None

    @property
    def digest(self) -> str:
        """ "sha256:..." of identity, restart, seed and pixels."""
        return f"sha256:{image_digest(self.image, identity=self.identity, restart=self.restart, seed=self.seed)}"


def image_digest(image: np.ndarray, *, identity: int, restart: int, seed: int) -> str:
    """SHA-256 of identity, restart, seed, shape and pixels (H, W[, C]), in hex."""
    h = hashlib.sha256(f"{identity}:{restart}:{seed}:{image.shape}".encode())
    h.update(np.ascontiguousarray(image).tobytes())
    return h.hexdigest()
