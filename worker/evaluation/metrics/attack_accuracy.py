"""Attack accuracy: how often the evaluator assigns a reconstruction to its identity.

It is uncalibrated and overstates the leak.
"""

from __future__ import annotations

import numpy as np

from worker.evaluation.statistics import Estimate, by_identity, mean, share


def attack_accuracy(top: np.ndarray, identities: np.ndarray, *, k: int, seed: int = 0) -> Estimate:
    """Return the share of images whose identity is among the first k guesses.

    It is averaged within identities, then over identities.

    Args:
        top: (N, >= 1) guesses of the evaluator, best first (`Evaluator.top`), or (N, A, >= 1) for
            the images of A attacks, of which one hit is enough.
        identities: (N,).
    """
    guesses = top[..., :k].reshape(len(top), -1)
    hits = by_identity((guesses == identities[:, None]).any(1), identities)
    return share(hits) if np.isin(hits, (0.0, 1.0)).all() else mean(hits, within=(0, 1), seed=seed)
