"""Member gap: how much closer submissions are to training images than to held-out images."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from worker.evaluation.statistics import Estimate, mean


def member_gap(
    submissions: Sequence[np.ndarray],
    identities: np.ndarray,
    train: tuple[Sequence[np.ndarray], np.ndarray],
    held_out: tuple[Sequence[np.ndarray], np.ndarray],
    *,
    seed: int = 0,
) -> Estimate | None:
    """Return mean cosine to an identity's training images minus that to its held-out images.

    Above zero, samples were memorised. Near zero with a high risk, the identity leaks without its
    photographs. The mean is over the verifiers, then over identities with images of both kinds.
    Returns None if there are none.

    Args:
        submissions: for each verifier (K, d), unit length, one per identity.
        identities: (K,).
        train, held_out: for each verifier the embeddings (M, d), and the labels (M,).
    """
    gaps, widest = [], 0.0
    for i, k in enumerate(identities):
        rows = train[1] == k, held_out[1] == k
        if rows[0].any() and rows[1].any():
            pairs = zip(submissions, train[0], held_out[0], strict=True)
            cosines = [(t[rows[0]] @ s[i], h[rows[1]] @ s[i]) for s, t, h in pairs]
            gaps.append(np.mean([t.mean() - h.mean() for t, h in cosines]))
            widest = max([widest, *(max(t.max() - h.min(), h.max() - t.min()) for t, h in cosines)])
    widest = float(widest) or 2.0  # the largest difference of two cosines
    return mean(np.array(gaps), within=(-widest, widest), seed=seed) if gaps else None
