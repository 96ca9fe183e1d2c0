"""Identity bits: how much a reconstruction narrows down who it shows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from worker.evaluation.statistics import Estimate, mean


def identity_bits(ranks: Sequence[np.ndarray], gallery: int, *, seed: int = 0) -> Estimate:
    """Return mean log2(gallery / rank) in bits, with the worst rank over the verifiers.

    The last rank in the gallery counts 0.

    Args:
        ranks: for each verifier (K,), rank of the true identity, from 1.
    """
    return mean(np.log2(gallery / np.max(ranks, axis=0)), within=(0, float(np.log2(gallery))), seed=seed)
