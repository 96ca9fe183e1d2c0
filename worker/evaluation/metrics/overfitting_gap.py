"""MI overfitting gap: submissions that satisfy the target without showing the person.

Source: Nguyen et al., CVPR 2023.
"""

from __future__ import annotations

import numpy as np

from worker.evaluation.statistics import Estimate, mean_difference


def overfitting_gap(target_top1: np.ndarray, independent_top1: np.ndarray, *, seed: int = 0) -> Estimate:
    """Return accuracy under T minus accuracy under an independent model, both (K,) bool."""
    return mean_difference(target_top1, independent_top1, within=(-1, 1), seed=seed)
