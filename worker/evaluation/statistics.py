"""Intervals for shares of identities: exact binomial bounds and a paired bootstrap."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import beta

RESAMPLES = 10_000


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


def resampling_weights(n: int, *, resamples: int = RESAMPLES, seed: int = 0) -> np.ndarray:
    """(resamples, n) float32: how often each identity is in each resample, divided by n. Rows sum to 1."""
    rng = np.random.default_rng(seed)
    counts = rng.multinomial(n, np.full(n, 1 / n), size=resamples)
    return (counts / n).astype(np.float32)


def share(hits: np.ndarray, *, level: float = 0.95) -> Estimate:
    """Share of identities with a hit, hits (K,) bool, with its exact interval."""
    k, n = int(np.sum(hits)), len(hits)
    low, high = clopper_pearson(k, n, level=level)
    return Estimate(k / n if n else 0.0, low, high, n)


def mean_difference(a: np.ndarray, b: np.ndarray, *, seed: int = 0, level: float = 0.95) -> Estimate:
    """mean(a) - mean(b) over the same identities, a and b (K,), by paired bootstrap."""
    d = np.asarray(a, np.float64) - np.asarray(b, np.float64)
    means = resampling_weights(len(d), seed=seed) @ d
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return Estimate(float(d.mean()), float(low), float(high), len(d))
