"""The risk R: the share of identities exposed beyond the strongest control."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from worker.evaluation.statistics import RESAMPLES, Estimate, clopper_pearson, resampling_weights


@dataclass(frozen=True)
class Risk:
    """p, q and R with two-sided 95 % intervals, and the one-sided 95 % bounds of R that a verdict uses.

    Attributes:
        p: share verified under the strongest attack. q: share under the strongest control.
        strongest_attack, strongest_control: their names, on the whole sample.
        lower, upper: one-sided 95 % bounds of R.
    """

    p: Estimate
    q: Estimate
    R: Estimate
    lower: float
    upper: float
    strongest_attack: str
    strongest_control: str


def risk(
    success: Mapping[str, np.ndarray],
    controls: Mapping[str, np.ndarray],
    *,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Risk:
    """R = (p - q) / (1 - q), clipped to [0, 1]; p = max over attacks of mean S, q = max over controls of mean Q.

    Paired bootstrap over identities, the maximum over attacks and over controls taken inside each resample. Where
    p is 0 or 1 the bootstrap has no width: Clopper-Pearson takes its place for p, and the bound of R is carried over
    at the bound of q that makes the interval wider.

    Args:
        success: attack name -> S (K,) in {0, 1}, the same identities in the same order for all.
        controls: control name -> Q (K,) in [0, 1] (a permuted control gives expectations).

    Raises: ValueError when empty or of unequal length.
    """
    S = np.stack([np.asarray(s, np.float32) for s in success.values()])
    Q = np.stack([np.asarray(c, np.float32) for c in controls.values()]) if controls else np.zeros_like(S[:1])
    if S.shape[1] != Q.shape[1] or S.shape[1] == 0:
        raise ValueError(f"attacks cover {S.shape[1]} identities, controls {Q.shape[1]}")
    K = S.shape[1]
    W = resampling_weights(K, resamples=resamples, seed=seed)
    p, q = float(S.mean(1).max()), float(Q.mean(1).max())
    ps, qs = (W @ S.T).max(1), (W @ Q.T).max(1)
    Rs = excess(ps, qs)
    p_low, p_high = _quantiles(ps, 0.025, 0.975)
    q_low, q_high = _quantiles(qs, 0.025, 0.975)
    low, high = _quantiles(Rs, 0.025, 0.975)
    lower, upper = _quantiles(Rs, 0.05, 0.95)
    if p in (0.0, 1.0):
        hits = round(p * K)
        p_low, p_high = clopper_pearson(hits, K)
        one_low, one_high = clopper_pearson(hits, K, level=0.90)
        low, high = float(excess(p_low, q_high)), float(excess(p_high, q_low))
        lower, upper = float(excess(one_low, q_high)), float(excess(one_high, q_low))
    if q in (0.0, 1.0):
        q_low, q_high = clopper_pearson(round(q * K), K)
    names = list(controls) or ["none"]
    return Risk(
        p=Estimate(p, p_low, p_high, K),
        q=Estimate(q, q_low, q_high, K),
        R=Estimate(float(excess(p, q)), low, high, K),
        lower=lower,
        upper=upper,
        strongest_attack=list(success)[int(S.mean(1).argmax())],
        strongest_control=names[int(Q.mean(1).argmax())],
    )


def excess(p: np.ndarray | float, q: np.ndarray | float) -> np.ndarray:
    """(p - q) / (1 - q) clipped to [0, 1]; 0 where q is 1."""
    p, q = np.asarray(p, np.float64), np.asarray(q, np.float64)
    out: np.ndarray = np.clip((p - q) / np.maximum(1 - q, 1e-12), 0.0, 1.0)
    return out


def _quantiles(values: np.ndarray, a: float, b: float) -> tuple[float, float]:
    low, high = np.quantile(values, [a, b])
    return float(low), float(high)
