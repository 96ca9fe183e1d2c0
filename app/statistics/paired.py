"""The change of R between two audits over the people that both audited."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from app.statistics.excess import excess
from app.statistics.resampling import RESAMPLES, Estimate, resampled_sums


@dataclass(frozen=True)
class Exposed:
    """S (K,) and, by control, Q (K,) of one audit. Both audits list the same K people in order."""

    success: np.ndarray
    controls: Mapping[str, np.ndarray]

    @classmethod
    def of(cls, people: Sequence[tuple[bool, Mapping[str, float]]]) -> Exposed:
        """Return the outcomes of K people, at least one: S, and Q of each control by its name.

        Keeps the controls that were measured for everybody. Others cannot be compared.
        """
        names = sorted(set.intersection(*(set(controls) for _, controls in people)))
        return cls(
            np.array([verified for verified, _ in people], np.float64),
            {name: np.array([controls[name] for _, controls in people], np.float64) for name in names},
        )


def regression(now: Exposed, before: Exposed, *, resamples: int = RESAMPLES, seed: int = 0) -> Estimate:
    """Return R_now - R_before over K shared people, with a 95 % interval; above 0 is worse.

    The interval is a paired bootstrap. Each resample gives a person the same weight in both audits
    (Rubin's Bayesian bootstrap), computes R = (p - q) / (1 - q) with the strongest control of each
    audit, and subtracts. Half a pseudo-person exposed only now and half a pseudo-person exposed
    only before give the interval a width where no outcome changed. Verifier error is not
    corrected, because both audits use the same verifiers.

    Raises: ValueError without shared people, or when the two differ in length.
    """
    rows = [now.success, *now.controls.values(), before.success, *before.controls.values()]
    if len({len(row) for row in rows}) != 1 or not len(now.success):
        raise ValueError("a regression needs the same people, at least one, in both audits")
    values = np.stack([np.asarray(row, np.float64) for row in rows])
    rng = np.random.default_rng(seed)
    sums = resampled_sums(values, resamples=resamples, rng=rng)
    up, down = (rng.standard_gamma(0.5, (resamples, 1)).astype(np.float32) for _ in range(2))
    split = 1 + len(now.controls)
    pseudo = np.zeros((resamples, len(values)), np.float32)
    pseudo[:, :1], pseudo[:, split : split + 1] = up, down
    rates = (sums.values + pseudo) / (sums.weights + up + down)
    drawn = _risk(rates, 0, split) - _risk(rates, split, len(values))
    means = values.mean(1)[None]
    value = float((_risk(means, 0, split) - _risk(means, split, len(values)))[0])
    low, high = (float(v) for v in np.quantile(drawn, [0.025, 0.975]))
    return Estimate(value, min(low, value), max(high, value), values.shape[1])


def _risk(rates: np.ndarray, start: int, end: int) -> np.ndarray:
    """Return R of each row. The first column is the attack, the others are its controls."""
    q = rates[:, start + 1 : end].max(1) if end - start > 1 else np.zeros(len(rates))
    return excess(rates[:, start], q)
