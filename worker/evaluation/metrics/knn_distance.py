"""KNN distance: squared L2 from a reconstruction to the nearest private image of its identity."""

from __future__ import annotations

import numpy as np

from worker.evaluation.statistics import Estimate, by_identity, mean


def knn_distance(
    features: np.ndarray, identities: np.ndarray, references: np.ndarray, labels: np.ndarray, *, seed: int = 0
) -> Estimate:
    """Return the mean of min_r |f(x) - f(r)|^2 over images, with an interval over identities.

    r are the references of x's identity. Published code differs (means of batches, divided by d),
    so compare only figures of the same definition.

    Args:
        features: (N, d); identities: (N,).
        references: (M, d); labels: (M,). Every identity has at least one.
    """
    nearest = np.empty(len(features))
    for k in np.unique(identities):
        own, mine = references[labels == k].astype(np.float64), identities == k
        difference = features[mine].astype(np.float64)[:, None, :] - own[None]
        nearest[mine] = (difference**2).sum(2).min(1)
    return mean_distance(by_identity(nearest, identities), features, references, seed=seed)


def mean_distance(distances: np.ndarray, a: np.ndarray, b: np.ndarray, *, seed: int = 0) -> Estimate:
    """Return the mean of the squared distances (K,) of identities, with its interval.

    The interval's range is from the smallest to the largest of these distances. If all are equal,
    it is from 0 to the largest distance possible for vectors of these lengths.

    Args:
        a, b: (N, d) and (M, d), the vectors that the distances are between.
    """
    ends = float(distances.min()), float(distances.max())
    if ends[1] <= ends[0]:
        lengths = (float(np.linalg.norm(one.astype(np.float64), axis=1).max()) for one in (a, b))
        ends = 0.0, sum(lengths) ** 2
    return mean(distances, within=ends, seed=seed)
