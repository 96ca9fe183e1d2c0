"""Named exposures: recovered identities with p-values, under a false discovery rate."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from worker.evaluation.statistics import benjamini_hochberg

FALSE_DISCOVERY_RATE = 0.05


@dataclass(frozen=True)
class Exposures:
    """Exposures of N identities.

    Attributes:
        strength: (N,) how many standard deviations the submission is more similar to its identity
            than images made for others are, under the verifier with the smallest value.
        p_value: (N,) permutation p-value of the strength.
        named: (N,) bool, verified and a Benjamini-Hochberg discovery at 5 %.
        worst_decile: indices of the tenth of the identities with the largest strength, strongest
            first.
    """

    strength: np.ndarray
    p_value: np.ndarray
    named: np.ndarray
    worst_decile: np.ndarray


def exposures(own: Sequence[np.ndarray], null: Sequence[np.ndarray], success: np.ndarray) -> Exposures:
    """Test each identity against images that cannot show it.

    z = (similarity - mean) / sd with mean and sd of the nulls of that identity, minimised over the
    verifiers. Then p_k = (1 + #{nulls of any identity with z >= z_k}) / (1 + #nulls).

    If the submission for k resembles k no more than images made for others do, its z is one more
    draw of the null. Pooling over identities assumes that standardised nulls follow the same
    distribution, and allows p-values below 1 / N.

    Args:
        own: for each verifier (N,), similarity of the submission for k to k.
        null: for each verifier (N, M), similarity to k of M images made for others or without the
            model; NaN where an image was made for k.
        success: (N,) bool, verified.
    """
    z_own = np.full(len(success), np.inf)
    z_null = np.full(null[0].shape, np.inf)
    for mine, others in zip(own, null, strict=True):
        centre = np.nanmean(others, axis=1, keepdims=True)
        width = np.maximum(np.nanstd(others, axis=1, keepdims=True), 1e-3)
        z_own = np.minimum(z_own, ((mine[:, None] - centre) / width)[:, 0])
        z_null = np.minimum(z_null, (others - centre) / width)
    pool = np.sort(z_null[~np.isnan(z_null)])
    above = len(pool) - np.searchsorted(pool, z_own - 1e-6, side="left")
    p = (1 + above) / (1 + len(pool))
    return Exposures(
        strength=z_own,
        p_value=p,
        named=np.asarray(success, bool) & benjamini_hochberg(p, rate=FALSE_DISCOVERY_RATE),
        worst_decile=worst_tenth(z_own),
    )


def worst_tenth(strength: np.ndarray) -> np.ndarray:
    """Return the indices of the tenth with the largest strength, strongest first."""
    worst: np.ndarray = np.argsort(-strength, kind="stable")[: math.ceil(len(strength) / 10)]
    return worst
