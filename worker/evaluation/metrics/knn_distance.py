"""KNN distance: squared L2 from a reconstruction to the nearest private image of its identity."""

from __future__ import annotations

import numpy as np

from worker.evaluation.statistics import Estimate, by_identity, mean


def knn_distance(
    features: np.ndarray, identities: np.ndarray, references: np.ndarray, labels: np.ndarray, *, seed: int = 0
) -> Estimate:
    """min_r |f(x) - f(r)|^2 over references r of x's identity, per image; mean over images, interval over identities.

    Published code differs (means of batches, divided by d): compare only figures of one definition.

    Args:
        features: (N, d); identities: (N,); references: (M, d), labels: (M,), every identity having at least one.
    """
    nearest = np.empty(len(features))
    for k in np.unique(identities):
        own, mine = references[labels == k].astype(np.float64), identities == k
        difference = features[mine].astype(np.float64)[:, None, :] - own[None]
        nearest[mine] = (difference**2).sum(2).min(1)
    return mean(by_identity(nearest, identities), within=(0, farthest(features, references)), seed=seed)


def farthest(a: np.ndarray, b: np.ndarray) -> float:
    """The largest squared distance that vectors as long as these (N, d) and (M, d) can have."""
    lengths = (float(np.linalg.norm(one.astype(np.float64), axis=1).max()) for one in (a, b))
    return sum(lengths) ** 2
