"""Kernel distance: unbiased squared maximum mean discrepancy.

With Inception features it would be KID.
"""

from __future__ import annotations

import numpy as np

from worker.evaluation.statistics import Estimate


def kernel_distance(a: np.ndarray, b: np.ndarray, *, subsets: int = 100, subset: int = 1000, seed: int = 0) -> Estimate:
    """Return mean k(a_i, a_j) + mean k(b_i, b_j) - 2 mean k(a_i, b_j), i != j.

    k(x, y) = (x.y / d + 1)^3. The estimate is unbiased, so it may be negative. The value is over
    all images. The interval is from 2.5 % to 97.5 % of `subsets` draws of half of each set (at
    most `subset` images) without replacement, which shows how much it depends on the images at
    hand.

    Args:
        a: (N, d) reconstructions, b: (M, d) real images; at least four of each.
    Raises: ValueError with fewer.
    Source: Binkowski, 2018.
    """
    if min(len(a), len(b)) < 4:
        raise ValueError("the kernel distance needs at least four images in each set")
    a, b = a.astype(np.float64), b.astype(np.float64)
    aa, bb, ab = kernel(a, a), kernel(b, b), kernel(a, b)
    n, m = min(subset, len(a) // 2), min(subset, len(b) // 2)
    rng = np.random.default_rng(seed)
    draws = []
    for _ in range(subsets):
        i, j = rng.permutation(len(a))[:n], rng.permutation(len(b))[:m]
        draws.append(mmd(aa[np.ix_(i, i)], bb[np.ix_(j, j)], ab[np.ix_(i, j)]))
    value = mmd(aa, bb, ab)
    low, high = np.quantile(draws, [0.025, 0.975])
    return Estimate(value, min(float(low), value), max(float(high), value), len(a))


def kernel(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return (x.y / d + 1)^3 of every pair: (N, d), (M, d) -> (N, M)."""
    pairs: np.ndarray = (x @ y.T / x.shape[1] + 1) ** 3
    return pairs


def mmd(aa: np.ndarray, bb: np.ndarray, ab: np.ndarray) -> float:
    """Return the unbiased estimate from three kernel matrices."""
    n, m = len(aa), len(bb)
    within = (aa.sum() - np.trace(aa)) / (n * (n - 1)) + (bb.sum() - np.trace(bb)) / (m * (m - 1))
    return float(within - 2 * ab.mean())
