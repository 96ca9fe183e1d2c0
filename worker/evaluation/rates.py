"""Resampled rates of attacks and controls, and their correction for the error of the verifiers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from worker.evaluation.statistics import Sums, resampled_sums

FEWEST_POSSIBLE = 0.05
"""Share of the draws that must agree with the measured error of the verifiers for a lower end to be made of them."""


@dataclass(frozen=True)
class VerifierError:
    """How often the verifiers, together and at their thresholds, are wrong, measured per identity.

    Attributes:
        accepted: (M,) share of an identity's held-out real images that count as its own; the mean is `sensitivity`.
        false_accepted: (N,) share of the images made for others that count as this identity; the mean is
            1 - `specificity`.
    """

    accepted: np.ndarray
    false_accepted: np.ndarray

    @property
    def sensitivity(self) -> float:
        return float(np.mean(self.accepted))

    @property
    def specificity(self) -> float:
        return 1 - float(np.mean(self.false_accepted))

    @property
    def usable(self) -> bool:
        """Better than chance by enough to divide by."""
        return len(self.accepted) > 0 and self.sensitivity + self.specificity - 1 > 0.2


# side -> pseudo-identities as (S, Q, accepted, weight): hit or miss of every attack, of every control, and a real image
# accepted or not. R grows with S and falls with Q and with the sensitivity.
PSEUDO = {
    "jeffreys": ((1, 1, 1, 0.25), (1, 0, 0, 0.25), (0, 1, 1, 0.25), (0, 0, 0, 0.25)),
    "lower": ((0, 1, 1, 1.0),),
    "upper": ((1, 0, 0, 1.0),),
}


@dataclass(frozen=True)
class Draws:
    """Resampled rates of attacks ps (B, A) and controls qs (B, C), sensitivity and specificity (B, 1) or 1.

    R of every pair is (B, A, C). A rate drawn above the sensitivity contradicts the measured error of the verifiers:
    corrected and clipped it would be certainty. Such draws are left out of lower ends; where hardly any other is left,
    the rates count as they are. A rate below 1 - specificity, which would be a certain 0, counts as it is in upper
    ends.
    """

    ps: np.ndarray
    qs: np.ndarray
    sens: np.ndarray | float
    spec: np.ndarray | float

    @property
    def p(self) -> np.ndarray:
        """(B,) the strongest attack's rate."""
        strongest: np.ndarray = self.ps.max(1)
        return strongest

    @property
    def q(self) -> np.ndarray:
        """(B,) the strongest control's rate."""
        strongest: np.ndarray = self.qs.max(1)
        return strongest

    def low_inside(self, alpha: float) -> float:
        """Lower end of R, the maximum over attacks and over controls taken inside each resample."""
        return float(np.quantile(self._low.min(2).max(1), alpha))

    def high_inside(self, alpha: float) -> float:
        """Upper end of R, likewise."""
        return float(np.quantile(self._high.min(2).max(1), 1 - alpha))

    def low(self, alpha: float) -> float:
        """Lower bound at 1 - alpha: the lower of the maximum inside, and of the attacks one by one."""
        pairs = np.quantile(self._low, alpha / self.ps.shape[1], axis=0)
        return min(self.low_inside(alpha), float(pairs.min(1).max()))

    def high(self, alpha: float) -> float:
        """Upper bound at 1 - alpha: the higher of the maximum inside, and of the controls one by one."""
        pairs = np.quantile(self._high, 1 - alpha / self.qs.shape[1], axis=0)
        return max(self.high_inside(alpha), float(pairs.min(1).max()))

    def uncorrected(self, alpha: float) -> tuple[float, float]:
        """Ends of R from the rates as they are."""
        return _quantiles(excess(self.p, self.q), alpha, 1 - alpha)

    def corrected_rate(self, rate: np.ndarray, alpha: float) -> tuple[float, float]:
        """Ends of a rate (B,) after the correction."""
        low, high = self._for_low(rate[:, None]), _for_high(rate[:, None], self.sens, self.spec)
        return float(np.quantile(low, alpha)), float(np.quantile(high, 1 - alpha))

    def at(self, p: float, q: float) -> tuple[float, float]:
        """Ends of R for these very rates: what the error of the verifiers alone leaves open."""
        return _quantiles(excess(corrected(p, self.sens, self.spec), corrected(q, self.sens, self.spec)), 0.025, 0.975)

    @cached_property
    def _low(self) -> np.ndarray:
        p = self._for_low(self.ps)
        q = _for_high(self.qs, self.sens, self.spec)[self._kept(self.ps)]
        return excess(p[:, :, None], q[:, None, :])

    @cached_property
    def _high(self) -> np.ndarray:
        p, q = _for_high(self.ps, self.sens, self.spec), corrected(self.qs, self.sens, self.spec)
        return excess(p[:, :, None], q[:, None, :])

    def _kept(self, rates: np.ndarray) -> np.ndarray:
        """(B,) the draws that a lower end is made of."""
        possible = _ratio(rates, self.sens, self.spec).max(axis=1) <= 1
        if possible.mean() < FEWEST_POSSIBLE:
            return np.ones(len(rates), bool)
        return np.asarray(possible)

    def _for_low(self, rates: np.ndarray) -> np.ndarray:
        """(<= B, A) corrected rates for a lower end."""
        kept = self._kept(rates)
        ratio = _ratio(rates, self.sens, self.spec)
        mended: np.ndarray = np.where(ratio > 1, rates, np.clip(ratio, 0.0, 1.0))[kept]
        return mended


class Resampled:
    """Resamples of all rates; sensitivity and specificity have identities, and so weights, of their own."""

    def __init__(
        self, S: np.ndarray, Q: np.ndarray, error: VerifierError | None, *, controlled: bool, resamples: int, seed: int
    ) -> None:
        self._controlled = controlled  # without a control q is 0 by definition, and has no error
        self._rng = np.random.default_rng(seed)
        self._attacks, self._controls = len(S), len(Q)
        self._sums = resampled_sums(np.concatenate([S, Q]), resamples=resamples, rng=self._rng)
        self._accepted: Sums | None = None
        self._spec: np.ndarray | float = 1.0
        if error is not None:
            self._accepted = resampled_sums(error.accepted[None], resamples=resamples, rng=self._rng)
            false = resampled_sums(error.false_accepted[None], resamples=resamples, rng=self._rng)
            self._spec = 1 - false.means().astype(np.float64)

    def draw(self, side: str) -> Draws:
        """All rates with the pseudo-identities of this side."""
        A, C, B = self._attacks, self._controls, len(self._sums.weights)
        pseudo = np.array([[s] * A + [q * self._controlled] * C for s, q, _, _ in PSEUDO[side]], np.float32)
        shape = np.array([w for *_, w in PSEUDO[side]], np.float32)
        rates = self._sums.means(pseudo, self._rng.standard_gamma(shape, (B, len(shape)))).astype(np.float64)
        sens: np.ndarray | float = 1.0
        if self._accepted is not None:
            accepted = np.array([[a] for _, _, a, _ in PSEUDO[side]], np.float32)
            sens = self._accepted.means(accepted, self._rng.standard_gamma(shape, (B, len(shape))))
        return Draws(rates[:, :A], rates[:, A:], sens, self._spec)


def corrected(rate: np.ndarray | float, sens: np.ndarray | float, spec: np.ndarray | float) -> np.ndarray:
    """(rate + spec - 1) / (sens + spec - 1) clipped to [0, 1] (Rogan and Gladen, 1978)."""
    out: np.ndarray = np.clip(_ratio(rate, sens, spec), 0.0, 1.0)
    return out


def _ratio(rate: np.ndarray | float, sens: np.ndarray | float, spec: np.ndarray | float) -> np.ndarray:
    rate, sens, spec = (np.asarray(v, np.float64) for v in (rate, sens, spec))
    ratio: np.ndarray = (rate + spec - 1) / np.maximum(sens + spec - 1, 1e-6)
    return ratio


def _for_high(rate: np.ndarray, sens: np.ndarray | float, spec: np.ndarray | float) -> np.ndarray:
    """Corrected rates for an upper end: a rate that the false matches explain counts as it is."""
    ratio = _ratio(rate, sens, spec)
    out: np.ndarray = np.where(ratio < 0, rate, np.clip(ratio, 0.0, 1.0))
    return out


def excess(p: np.ndarray | float, q: np.ndarray | float) -> np.ndarray:
    """(p - q) / (1 - q) clipped to [0, 1]; 0 where q is 1."""
    p, q = np.asarray(p, np.float64), np.asarray(q, np.float64)
    out: np.ndarray = np.clip((p - q) / np.maximum(1 - q, 1e-12), 0.0, 1.0)
    return out


def _quantiles(values: np.ndarray, a: float, b: float) -> tuple[float, float]:
    low, high = np.quantile(values, [a, b])
    return float(low), float(high)
