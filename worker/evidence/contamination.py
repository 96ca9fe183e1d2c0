"""Contamination: copies of private images in the public set, which would flatter the attack."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from worker.evaluation.verifiers import Embedder

SIDE = 16  # coarse enough to ignore rescaling and noise
NEAR = 0.995  # correlation of the coarse grey versions: copies are above, other images of the same thing below
CHUNK = 1024
ALIKE = 0.999  # quantile of the similarity of two images of one identity; copies are nearer to 1 than to it
FEWEST_PAIRS = 100
ALIKE_WITHOUT_PAIRS = 0.99


@dataclass(frozen=True)
class Contamination:
    """Indices into the public images."""

    exact: tuple[int, ...]
    near: tuple[int, ...]
    alike: tuple[int, ...] = ()

    @property
    def dropped(self) -> list[int]:
        """All indices to drop, sorted."""
        return sorted({*self.exact, *self.near, *self.alike})


def find_contamination(
    public: np.ndarray,
    private: np.ndarray,
    labels: np.ndarray | None = None,
    verifiers: Sequence[Embedder] = (),
) -> Contamination:
    """Compare uint8 images (N, H, W[, C]) with (M, H, W[, C]).

    exact: equal pixels. near: the coarse versions correlate with at least `NEAR`, unchanged or
    mirrored. alike: every verifier rates the similarity to a private image above the middle
    between 1 and the 99.9 % quantile of pairs of different images of one identity. Such an image
    is a crop or a recompressed copy. Labels (M,) define these pairs.
    """
    known = {image.tobytes() for image in private}
    exact = tuple(i for i, image in enumerate(public) if image.tobytes() in known)
    a, b = standardised(public), standardised(np.concatenate([private, private[:, :, ::-1]]))
    best = np.concatenate([(a[at : at + CHUNK] @ b.T).max(axis=1) for at in range(0, len(a), CHUNK)])
    near = tuple(int(i) for i in np.flatnonzero(best >= NEAR) if int(i) not in set(exact))
    known_already = {*exact, *near}
    alike = tuple(int(i) for i in found_alike(public, private, labels, verifiers) if int(i) not in known_already)
    return Contamination(exact, near, alike)


def found_alike(
    public: np.ndarray, private: np.ndarray, labels: np.ndarray | None, verifiers: Sequence[Embedder]
) -> np.ndarray:
    """Return the indices of public images that are `alike`, by `find_contamination`."""
    if not verifiers:
        return np.zeros(0, np.int64)
    of_public, of_private = ([v.embed(images) for v in verifiers] for images in (public, private))
    tau = ALIKE_WITHOUT_PAIRS
    if labels is not None:
        pairs = [np.flatnonzero(labels == k) for k in np.unique(labels[labels >= 0])]
        within = [np.min([(e[p] @ e[p].T)[np.triu_indices(len(p), 1)] for e in of_private], axis=0) for p in pairs]
        known = np.concatenate([*within, np.zeros(0)])
        tau = (1 + float(np.quantile(known, ALIKE))) / 2 if len(known) >= FEWEST_PAIRS else tau
    best = [
        np.min([a[at : at + CHUNK] @ b.T for a, b in zip(of_public, of_private, strict=True)], axis=0).max(axis=1)
        for at in range(0, len(public), CHUNK)
    ]
    return np.flatnonzero(np.concatenate(best) > tau)


def standardised(images: np.ndarray) -> np.ndarray:
    """Return (N, SIDE * SIDE) float32 with zero mean and unit length.

    A flat image becomes zero and correlates with nothing.
    """
    size = (SIDE, SIDE)
    grey = [Image.fromarray(image).convert("L").resize(size, Image.Resampling.BOX) for image in images]
    rows = np.stack([np.asarray(image, np.float32).ravel() for image in grey])
    rows -= rows.mean(axis=1, keepdims=True)
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    unit: np.ndarray = np.where(length > 1e-3, rows / np.maximum(length, 1e-3), 0)
    return unit
