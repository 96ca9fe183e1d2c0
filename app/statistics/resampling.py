"""The Bayesian bootstrap over identities."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

RESAMPLES = 10_000
CHUNK_BYTES = 8 << 20


@dataclass(frozen=True)
class Estimate:
    """A figure with its two-sided 95 % interval and its sample size.

    n counts identities unless stated otherwise.
    """

    value: float
    low: float
    high: float
    n: int

    def to_dict(self) -> dict[str, float | int]:
        return {"value": self.value, "low": self.low, "high": self.high, "n": self.n}


@dataclass(frozen=True)
class Sums:
    """Weighted sums of `resampled_sums`: of the values (B, M) and of the weights (B, 1)."""

    values: np.ndarray
    weights: np.ndarray

    def means(self, pseudo: np.ndarray | None = None, gamma: np.ndarray | None = None) -> np.ndarray:
        """Return weighted means (B, M).

        Args:
            pseudo, gamma: pseudo-observations (P, M) to add, and their weights (B, P).
        """
        if pseudo is None or gamma is None:
            means: np.ndarray = self.values / self.weights
        else:
            means = (self.values + gamma @ pseudo) / (self.weights + gamma.sum(1, keepdims=True))
        return means


def resampled_sums(values: np.ndarray, *, resamples: int, rng: np.random.Generator) -> Sums:
    """Resample identities by the Bayesian bootstrap (Rubin, 1981), with weights w_k ~ Exp(1).

    Each resample uses the same weights for all rows, which keeps them paired.

    Args:
        values: (M, K), M quantities of the same K identities.
    """
    V = np.asarray(values, np.float32)
    chunk = max(1, CHUNK_BYTES // (4 * V.shape[1]))
    sums, weights = [], []
    for at in range(0, resamples, chunk):
        w = rng.standard_exponential((min(chunk, resamples - at), V.shape[1]), dtype=np.float32)
        sums.append(w @ V.T)
        weights.append(w.sum(1, keepdims=True))
    return Sums(np.concatenate(sums), np.concatenate(weights))
