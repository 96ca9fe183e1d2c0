"""Feature distance: squared L2 from a reconstruction to the mean feature of its identity."""

from __future__ import annotations

import numpy as np

from worker.evaluation.metrics.knn_distance import mean_distance
from worker.evaluation.statistics import Estimate, by_identity


def feature_distance(
    features: np.ndarray, identities: np.ndarray, references: np.ndarray, labels: np.ndarray, *, seed: int = 0
) -> Estimate:
    """Return the mean of |f(x) - mean_r f(r)|^2 over images.

    r are the references of x's identity.

    Args:
        features: (N, d); identities: (N,).
        references: (M, d); labels: (M,). Every identity has at least one.
    """
    kinds, group = np.unique(identities, return_inverse=True)
    centres = np.stack([references[labels == k].astype(np.float64).mean(0) for k in kinds])
    distance = ((features.astype(np.float64) - centres[group]) ** 2).sum(1)
    return mean_distance(by_identity(distance, identities), features, references, seed=seed)
