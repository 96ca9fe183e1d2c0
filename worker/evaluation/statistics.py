"""Intervals for shares of identities: exact binomial bounds, and the Bayesian bootstrap over identities."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import beta

RESAMPLES = 10_000
CHUNK_BYTES = 8 << 20


@dataclass(frozen=True)
class Estimate:
    """A figure with its two-sided 95 % interval and its sample size (identities unless said otherwise)."""

    value: float
    low: float
    high: float
    n: int

    def to_dict(self) -> dict[str, float | int]:
        return {"value": self.value, "low": self.low, "high": self.high, "n": self.n}


def clopper_pearson(hits: int, n: int, *, level: float = 0.95) -> tuple[float, float]:
    """Exact two-sided interval of a binomial share (Clopper and Pearson, 1934); (0, 1) for n = 0."""
    if n == 0:
        return 0.0, 1.0
    a = (1 - level) / 2
    low = 0.0 if hits == 0 else float(beta.ppf(a, hits, n - hits + 1))
    high = 1.0 if hits == n else float(beta.ppf(1 - a, hits + 1, n - hits))
    return low, high


@dataclass(frozen=True)
class Sums:
    """Weighted sums of `resampled_sums`: of the values (B, M), and of the weights themselves (B, 1)."""

    values: np.ndarray
    weights: np.ndarray

    def means(self, pseudo: np.ndarray | None = None, gamma: np.ndarray | None = None) -> np.ndarray:
        """(B, M) weighted means, with pseudo-observations (P, M) whose weights gamma (B, P) are added."""
        if pseudo is None or gamma is None:
            means: np.ndarray = self.values / self.weights
        else:
            means = (self.values + gamma @ pseudo) / (self.weights + gamma.sum(1, keepdims=True))
        return means


def resampled_sums(values: np.ndarray, *, resamples: int, rng: np.random.Generator) -> Sums:
    """Bayesian bootstrap over identities (Rubin, 1981): weights w_k ~ Exp(1), one set per resample for all rows.

    Args:
        values: (M, K), M quantities of the same K identities: one set of weights keeps them paired.
    """
    V = np.asarray(values, np.float32)
    chunk = max(1, CHUNK_BYTES // (4 * V.shape[1]))
    sums, weights = [], []
    for at in range(0, resamples, chunk):
        w = rng.standard_exponential((min(chunk, resamples - at), V.shape[1]), dtype=np.float32)
        sums.append(w @ V.T)
        weights.append(w.sum(1, keepdims=True))
    return Sums(np.concatenate(sums), np.concatenate(weights))


def share(hits: np.ndarray, *, level: float = 0.95) -> Estimate:
    """Share of identities with a hit, hits (K,) bool, with its exact interval."""
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
    """Mean over identities, values (K,), with its bootstrap interval.

    Args:
        within: the least and the largest that a value can be. Half a pseudo-identity at either end keeps the interval
            open where the identities agree (for hits it is Jeffreys'); where all of them lie at one end it is that of
            Clopper and Pearson, stretched to the range. Without it, identities that agree have an interval of no
            width: give it wherever a result shows the figure.
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
    """Mean over images, with the interval and n of their identities: sums and counts (K,) of each identity's images.

    Args:
        most: the largest that a value can be, the least being 0: half a pseudo-identity, with as many images as the
            others have on average, at either end. Where every value lies at one end, Clopper and Pearson's interval.
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
    """mean(a) - mean(b) over the same identities, a and b (K,), by paired bootstrap; `within` as in `mean`."""
    return mean(np.asarray(a, np.float64) - np.asarray(b, np.float64), within=within, seed=seed, level=level)


def _around(value: float, low: float, high: float) -> tuple[float, float]:
    return min(float(low), value), max(float(high), value)


def by_identity(values: np.ndarray, identities: np.ndarray) -> np.ndarray:
    """Mean of values (N,) of each identity, in the order of np.unique(identities): an identity counts once."""
    _, group = np.unique(identities, return_inverse=True)
    means: np.ndarray = np.bincount(group, np.asarray(values, np.float64)) / np.bincount(group)
    return means


def benjamini_hochberg(p: np.ndarray, *, rate: float = 0.05) -> np.ndarray:
    """Which of the p-values (K,) are discoveries at a false discovery rate (Benjamini and Hochberg, 1995): (K,) bool.

    The largest i with p_(i) <= i / K * rate, and every p-value up to p_(i).
    """
    p = np.asarray(p, np.float64)
    ordered = np.sort(p)
    below = np.flatnonzero(ordered <= rate * np.arange(1, len(p) + 1) / max(len(p), 1))
    found: np.ndarray = p <= ordered[below[-1]] if len(below) else np.zeros(len(p), bool)
    return found
