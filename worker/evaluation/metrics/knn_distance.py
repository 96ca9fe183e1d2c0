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
    return mean_distance(by_identity(nearest, identities), features, references, seed=seed)


def mean_distance(distances: np.ndarray, a: np.ndarray, b: np.ndarray, *, seed: int = 0) -> Estimate:
    """Mean of the squared distances (K,) of identities, between vectors a (N, d) and b (M, d).

    The ends that the interval allows for are the least and the largest of these distances; where all are the same, 0
    and the largest that vectors of these lengths can have.
    """
    ends = float(distances.min()), float(distances.max())
    if ends[1] <= ends[0]:
        lengths = (float(np.linalg.norm(one.astype(np.float64), axis=1).max()) for one in (a, b))
        ends = 0.0, sum(lengths) ** 2
    return mean(distances, within=ends, seed=seed)
