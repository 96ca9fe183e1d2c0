"""Intervals for shares of identities: exact binomial bounds and the Bayesian bootstrap."""

from __future__ import annotations

import numpy as np
from scipy.special import betaincinv  # scipy.stats would take a second to import

from app.statistics.resampling import RESAMPLES, Estimate, resampled_sums

__all__ = [
    "RESAMPLES",
    "Estimate",
    "benjamini_hochberg",
    "by_identity",
    "clopper_pearson",
    "mean",
    "mean_difference",
    "ratio_of_sums",
    "share",
]


def clopper_pearson(hits: int, n: int, *, level: float = 0.95) -> tuple[float, float]:
    """Return the exact interval of a binomial share, (0, 1) for n = 0.

    Source: Clopper and Pearson, 1934.
    """
    if n == 0:
        return 0.0, 1.0
    a = (1 - level) / 2
    low = 0.0 if hits == 0 else float(betaincinv(hits, n - hits + 1, a))
    high = 1.0 if hits == n else float(betaincinv(hits + 1, n - hits, 1 - a))
    return low, high


def share(hits: np.ndarray, *, level: float = 0.95) -> Estimate:
    """Return the share of identities with a hit, hits (K,) bool, with its exact interval."""
    k, n = int(np.sum(hits)), len(hits)
    low, high = clopper_pearson(k, n, level=level)
    return Estimate(k / n if n else 0.0, low, high, n)


def mean(
    values: np.ndarray,
    *,
    within: tuple[float, float] | None = None,
    seed: int = 0,
    level: float = 0.95,
    resamples: int = RESAMPLES,
) -> Estimate:
    """Return the mean over identities, values (K,), with its bootstrap interval.

    Args:
        within: the smallest and largest possible value. Half a pseudo-identity at either end gives
            the interval a width where all identities agree (for hits it is Jeffreys'). If all
            values lie at one end, the interval is that of Clopper and Pearson, scaled to the
            range. Without `within`, identities that agree give an interval of zero width, so pass
            it for every figure shown in a result.
    """
    v = np.asarray(values, np.float64)
    if within is None or within[1] <= within[0]:
        return ratio_of_sums(v, np.ones_like(v), seed=seed, level=level, resamples=resamples)
    low, high = within
    scaled = (v - low) / (high - low)
    found = ratio_of_sums(scaled, np.ones_like(v), most=1.0, seed=seed, level=level, resamples=resamples)
    ends = (low + (high - low) * one for one in (found.low, found.high))
    return Estimate(float(v.mean()), *_around(float(v.mean()), *ends), len(v))


def ratio_of_sums(
    sums: np.ndarray,
    counts: np.ndarray,
    *,
    most: float | None = None,
    seed: int = 0,
    level: float = 0.95,
    resamples: int = RESAMPLES,
) -> Estimate:
    """Return the mean over images, with the interval and n of their identities.

    Args:
        sums, counts: (K,) sum of the values, and number of images, of each identity.
        most: the largest possible value; the smallest is 0. Half a pseudo-identity, with the
            average number of images, is added at either end. If every value lies at one end, the
            interval is that of Clopper and Pearson.
    """
    numerator, denominator = np.asarray(sums, np.float64), np.asarray(counts, np.float64)
    value, rng = float(numerator.sum() / denominator.sum()), np.random.default_rng(seed)
    drawn = resampled_sums(np.stack([numerator, denominator]), resamples=resamples, rng=rng).values.astype(np.float64)
    if most is not None:
        ends = rng.standard_gamma(0.5, (resamples, 2)) * denominator.mean()
        drawn = drawn + np.stack([most * ends[:, 0], ends.sum(1)], axis=1)
    quantiles = np.quantile(drawn[:, 0] / drawn[:, 1], [(1 - level) / 2, (1 + level) / 2])
    low, high = _around(value, *quantiles)
    if most is not None and value in (0.0, most):
        ends_of_share = clopper_pearson(0 if value == 0 else len(numerator), len(numerator), level=level)
        low, high = most * ends_of_share[0], most * ends_of_share[1]
    return Estimate(value, low, high, len(numerator))


def mean_difference(
    a: np.ndarray, b: np.ndarray, *, within: tuple[float, float] | None = None, seed: int = 0, level: float = 0.95
) -> Estimate:
    """Return mean(a) - mean(b) over the same identities, a and b (K,), by paired bootstrap.

    `within` is as in `mean`.
    """
    return mean(np.asarray(a, np.float64) - np.asarray(b, np.float64), within=within, seed=seed, level=level)


def _around(value: float, low: float, high: float) -> tuple[float, float]:
    return min(float(low), value), max(float(high), value)


def by_identity(values: np.ndarray, identities: np.ndarray) -> np.ndarray:
    """Return the mean of values (N,) of each identity, in the order of np.unique(identities)."""
    _, group = np.unique(identities, return_inverse=True)
    means: np.ndarray = np.bincount(group, np.asarray(values, np.float64)) / np.bincount(group)
    return means


def benjamini_hochberg(p: np.ndarray, *, rate: float = 0.05) -> np.ndarray:
    """Return which p-values (K,) are discoveries at a false discovery rate, as bool (K,).

    Discoveries are all p-values up to p_(i), for the largest i with p_(i) <= i / K * rate.
    Source: Benjamini and Hochberg, 1995.
    """
    p = np.asarray(p, np.float64)
    ordered = np.sort(p)
    below = np.flatnonzero(ordered <= rate * np.arange(1, len(p) + 1) / max(len(p), 1))
    found: np.ndarray = p <= ordered[below[-1]] if len(below) else np.zeros(len(p), bool)
    return found
