"""Fréchet distance between two sets of features of a verifier.

With Inception features it would be FID.
"""

from __future__ import annotations

import numpy as np
from scipy.linalg import eigvalsh

from worker.evaluation.statistics import Estimate

FEWEST = 2048
"""Below this number of images the bias dominates; the kernel distance is reported instead."""


def frechet_distance(a: np.ndarray, b: np.ndarray) -> float:
    """Return |m_a - m_b|^2 + tr(C_a + C_b - 2 (C_a C_b)^(1/2)) for a (N, d), b (M, d).

    tr (C_a C_b)^(1/2) is the sum of the roots of the eigenvalues of the symmetric A^T C_b A with
    C_a = A A^T.
    Source: Heusel et al., 2017.
    """
    a, b = a.astype(np.float64), b.astype(np.float64)
    C_b = np.cov(b, rowvar=False)
    A = (a - a.mean(0)).T / np.sqrt(len(a) - 1)
    inner = A.T @ C_b @ A if len(a) < a.shape[1] else _root(A @ A.T) @ C_b @ _root(A @ A.T)
    roots = np.sqrt(np.clip(eigvalsh(inner), 0, None)).sum()
    return float(((a.mean(0) - b.mean(0)) ** 2).sum() + (A**2).sum() + np.trace(C_b) - 2 * roots)


def frechet_estimate(a: np.ndarray, b: np.ndarray, *, groups: int = 20, seed: int = 0) -> Estimate:
    """Return the distance with a 95 % interval, by a jackknife over 20 groups of submissions.

    a (N, d) has one row per identity. A bootstrap would repeat images and add to the bias of the
    estimate. Leaving out a twentieth hardly changes it.
    """
    value = frechet_distance(a, b)
    drawn = np.array_split(np.random.default_rng(seed).permutation(len(a)), groups)
    left = np.array([frechet_distance(np.delete(a, part, axis=0), b) for part in drawn])
    error = float(np.sqrt((groups - 1) / groups * ((left - left.mean()) ** 2).sum()))
    return Estimate(value, max(0.0, value - 1.96 * error), value + 1.96 * error, len(a))


def _root(C: np.ndarray) -> np.ndarray:
    values, vectors = np.linalg.eigh(C)
    root: np.ndarray = (vectors * np.sqrt(np.clip(values, 0, None))) @ vectors.T
    return root
