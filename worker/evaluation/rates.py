"""Resampled rates of attacks and controls, corrected for the error of the verifiers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from app.statistics.excess import excess
from app.statistics.resampling import Sums, resampled_sums

FEWEST_POSSIBLE = 0.05
"""Share of the draws that must be consistent with the verifier error to compute a lower end."""


@dataclass(frozen=True)
class VerifierError:
    """How often all verifiers together, at their thresholds, are wrong, per identity.

    Attributes:
        accepted: (M,) share of an identity's held-out real images that match it; the mean is
            `sensitivity`.
        false_accepted: (N,) share of the images made for others that match this identity; the mean
            is 1 - `specificity`.
        once: where several images were made of each identity and one match is enough, the error
            for one of them. The other fields are then the error for all together.
    """

    accepted: np.ndarray
    false_accepted: np.ndarray
    once: VerifierError | None = None

    @classmethod
    def any_of(cls, errors: Sequence[VerifierError]) -> VerifierError:
        """Return the error where one image of each attack is made, and one match is enough.

        1 - prod_a (1 - rate_a) holds if the attacks show the same identities and err
        independently. If each shows others, an identity has one image that can match, and its rate
        is that of `once`, the smallest of any attack. The truth lies between the two.
        """
        accepted, false_accepted = (
            np.stack([getattr(one, name) for one in errors]) for name in ("accepted", "false_accepted")
        )
        once = cls(accepted.min(0), false_accepted.min(0))
        return cls(1 - (1 - accepted).prod(0), 1 - (1 - false_accepted).prod(0), once)

    @property
    def sensitivity(self) -> float:
        return float(np.mean(self.accepted))

    @property
    def specificity(self) -> float:
        return 1 - float(np.mean(self.false_accepted))

    @property
    def usable(self) -> bool:
        """Whether the verifiers are better than chance by enough to divide by."""
        return len(self.accepted) > 0 and self.sensitivity + self.specificity - 1 > 0.2


# side -> pseudo-identities as (S, Q, accepted, weight): hit or miss of every attack and of every
# control, and whether a real image is accepted. R grows with S and falls with Q and the
# sensitivity.
PSEUDO = {
    "jeffreys": ((1, 1, 1, 0.25), (1, 0, 0, 0.25), (0, 1, 1, 0.25), (0, 0, 0, 0.25)),
    "lower": ((0, 1, 1, 1.0),),
    "upper": ((1, 0, 0, 1.0),),
}


@dataclass(frozen=True)
class Draws:
    """Resampled rates ps (B, A) of attacks and qs (B, C) of controls, with the verifier error.

    R of every pair is (B, A, C). Sensitivity and specificity are (B, 1) or 1. Rates that should
    not be overstated are corrected by `sens` and `spec`, rates that should not be understated by
    `sens_once` and `spec_once`; they differ only for unions of attacks. A rate above the
    sensitivity contradicts the measured verifier error and would be clipped to 1. Such draws are
    left out of lower ends; if hardly any others remain, the uncorrected rates are used. A rate
    below 1 - specificity would be clipped to 0, and upper ends use it uncorrected.
    """

    ps: np.ndarray
    qs: np.ndarray
    sens: np.ndarray | float
    spec: np.ndarray | float
    sens_once: np.ndarray | float
    spec_once: np.ndarray | float

    @property
    def p(self) -> np.ndarray:
        """The strongest attack's rate (B,)."""
        strongest: np.ndarray = self.ps.max(1)
        return strongest

    @property
    def q(self) -> np.ndarray:
        """The strongest control's rate (B,)."""
        strongest: np.ndarray = self.qs.max(1)
        return strongest

    def low_inside(self, alpha: float) -> float:
        """Return the lower end of R, maximised over attacks and controls in each resample."""
        return float(np.quantile(self._low.min(2).max(1), alpha))

    def high_inside(self, alpha: float) -> float:
        """Return the upper end of R, maximised over attacks and controls in each resample."""
        return float(np.quantile(self._high.min(2).max(1), 1 - alpha))

    def low(self, alpha: float) -> float:
        """Return the lower bound of R at 1 - alpha.

        It is the lower of `low_inside` and the bound computed attack by attack.
        """
        pairs = np.quantile(self._low, alpha / self.ps.shape[1], axis=0)
        return min(self.low_inside(alpha), float(pairs.min(1).max()))

    def high(self, alpha: float) -> float:
        """Return the upper bound of R at 1 - alpha.

        It is the higher of `high_inside` and the bound computed control by control.
        """
        pairs = np.quantile(self._high, 1 - alpha / self.qs.shape[1], axis=0)
        return max(self.high_inside(alpha), float(pairs.min(1).max()))

    def uncorrected(self, alpha: float) -> tuple[float, float]:
        """Return the ends of R without the correction for verifier error."""
        return _quantiles(excess(self.p, self.q), alpha, 1 - alpha)

    def corrected_rate(self, rate: np.ndarray, alpha: float) -> tuple[float, float]:
        """Return the ends of a rate (B,) after the correction."""
        low, high = self._for_low(rate[:, None]), self._for_high(rate[:, None])
        return float(np.quantile(low, alpha)), float(np.quantile(high, 1 - alpha))

    def at(self, p: float, q: float) -> tuple[float, float]:
        """Return the ends of R at exactly these rates, from the verifier error alone."""
        return _quantiles(excess(corrected(p, self.sens, self.spec), corrected(q, self.sens, self.spec)), 0.025, 0.975)

    @cached_property
    def _low(self) -> np.ndarray:
        p = self._for_low(self.ps)
        q = self._for_high(self.qs)[self._kept(self.ps)]
        return excess(p[:, :, None], q[:, None, :])

    @cached_property
    def _high(self) -> np.ndarray:
        p, q = self._for_high(self.ps), corrected(self.qs, self.sens, self.spec)
        return excess(p[:, :, None], q[:, None, :])

    def _kept(self, rates: np.ndarray) -> np.ndarray:
        """Return which draws (B,) a lower end uses."""
        possible = _ratio(rates, self.sens, self.spec).max(axis=1) <= 1
        if possible.mean() < FEWEST_POSSIBLE:
            return np.ones(len(rates), bool)
        return np.asarray(possible)

    def _for_low(self, rates: np.ndarray) -> np.ndarray:
        """Return corrected rates (<= B, A) for a lower end."""
        kept = self._kept(rates)
        ratio = _ratio(rates, self.sens, self.spec)
        mended: np.ndarray = np.where(ratio > 1, rates, np.clip(ratio, 0.0, 1.0))[kept]
        return mended

    def _for_high(self, rates: np.ndarray) -> np.ndarray:
        """Return corrected rates (B, A) for an upper end.

        A rate below the false match rate is not corrected.
        """
        ratio = _ratio(rates, self.sens_once, self.spec_once)
        out: np.ndarray = np.where(ratio < 0, rates, np.clip(ratio, 0.0, 1.0))
        return out


class Resampled:
    """Resamples of all rates.

    Sensitivity and specificity are measured on other identities and resampled with separate
    weights.
    """

    def __init__(
        self, S: np.ndarray, Q: np.ndarray, error: VerifierError | None, *, controlled: bool, resamples: int, seed: int
    ) -> None:
        self._controlled = controlled  # without a control q is 0 by definition, without error
        self._rng = np.random.default_rng(seed)
        self._attacks, self._controls = len(S), len(Q)
        self._sums = resampled_sums(np.concatenate([S, Q]), resamples=resamples, rng=self._rng)
        self._accepted: Sums | None = None
        self._spec: np.ndarray | float = 1.0
        if error is not None:
            both = (error,) if error.once is None else (error, error.once)
            accepted, false_accepted = (
                np.stack([getattr(one, name) for one in both]) for name in ("accepted", "false_accepted")
            )
            self._accepted = resampled_sums(accepted, resamples=resamples, rng=self._rng)
            false = resampled_sums(false_accepted, resamples=resamples, rng=self._rng)
            self._spec = 1 - false.means().astype(np.float64)

    def draw(self, side: str) -> Draws:
        """Resample all rates with the pseudo-identities of this side."""
        A, C, B = self._attacks, self._controls, len(self._sums.weights)
        pseudo = np.array([[s] * A + [q * self._controlled] * C for s, q, _, _ in PSEUDO[side]], np.float32)
        shape = np.array([w for *_, w in PSEUDO[side]], np.float32)
        rates = self._sums.means(pseudo, self._rng.standard_gamma(shape, (B, len(shape)))).astype(np.float64)
        sens: np.ndarray | float = 1.0
        if self._accepted is not None:
            errors = self._accepted.values.shape[1]
            accepted = np.array([[a] * errors for _, _, a, _ in PSEUDO[side]], np.float32)
            sens = self._accepted.means(accepted, self._rng.standard_gamma(shape, (B, len(shape))))
        first, last = ((_column(sens, at), _column(self._spec, at)) for at in (0, -1))
        return Draws(rates[:, :A], rates[:, A:], *first, *last)


def _column(rates: np.ndarray | float, at: int) -> np.ndarray | float:
    """Return one column (B, 1), or the number."""
    return rates if isinstance(rates, float) else rates[:, [at]]


def corrected(rate: np.ndarray | float, sens: np.ndarray | float, spec: np.ndarray | float) -> np.ndarray:
    """Return (rate + spec - 1) / (sens + spec - 1) clipped to [0, 1] (Rogan and Gladen, 1978)."""
    out: np.ndarray = np.clip(_ratio(rate, sens, spec), 0.0, 1.0)
    return out


def _ratio(rate: np.ndarray | float, sens: np.ndarray | float, spec: np.ndarray | float) -> np.ndarray:
    rate, sens, spec = (np.asarray(v, np.float64) for v in (rate, sens, spec))
    ratio: np.ndarray = (rate + spec - 1) / np.maximum(sens + spec - 1, 1e-6)
    return ratio


def _quantiles(values: np.ndarray, a: float, b: float) -> tuple[float, float]:
    low, high = np.quantile(values, [a, b])
    return float(low), float(high)
