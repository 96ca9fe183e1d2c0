"""The risk R: the share of identities exposed beyond the strongest control."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from worker.evaluation.statistics import RESAMPLES, Estimate, Sums, clopper_pearson, resampled_sums


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


@dataclass(frozen=True)
class Risk:
    """p, q and R with two-sided 95 % intervals, and the one-sided 95 % bounds of R that a verdict uses.

    Attributes:
        p: share verified under the strongest attack. q: share under the strongest control.
        strongest_attack, strongest_control: their names, on the whole sample.
        lower, upper: one-sided 95 % bounds of R.
        corrected_p, corrected_q: p and q after the correction for verifier error, None when it was not measured.
        uncorrected: R without that correction.
        sensitivity, specificity: of the verifiers together, None when not measured.
    """

    p: Estimate
    q: Estimate
    R: Estimate
    lower: float
    upper: float
    strongest_attack: str
    strongest_control: str
    corrected_p: float | None = None
    corrected_q: float | None = None
    uncorrected: float | None = None
    sensitivity: float | None = None
    specificity: float | None = None

    def finite_population(self, of: int) -> tuple[float, float]:
        """The interval of R for a model of `of` identities, of which R.n were drawn: narrower by sqrt(1 - n / N)."""
        factor = float(np.sqrt(max(0.0, 1 - self.R.n / of)))
        return self.R.value - factor * (self.R.value - self.R.low), self.R.value + factor * (self.R.high - self.R.value)


def risk(
    success: Mapping[str, np.ndarray],
    controls: Mapping[str, np.ndarray],
    *,
    error: VerifierError | None = None,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Risk:
    """R = (p - q) / (1 - q), clipped to [0, 1]; p = max over attacks of mean S, q = max over controls of mean Q,
    each corrected for verifier error, p <- (p + spec - 1) / (sens + spec - 1), where that was measured.

    Intervals: Bayesian bootstrap over identities, the same weights for all attacks and controls, the maximum over
    attacks and over controls taken inside each resample. Pseudo-identities keep it honest near 0 and 1, where a plain
    bootstrap is too narrow: for the two-sided interval one in all, spread over hit and miss of attack and control, so
    that a single attack gets Jeffreys' interval Beta(h + 1/2, K - h + 1/2); for each one-sided bound a whole one on
    the side of caution, so that a single attack without control gets exactly Clopper and Pearson's bound. At p of 0
    or 1 Clopper-Pearson takes the two-sided interval's place as well.

    With several attacks or controls the maximum inside each resample lies above the largest truth, so the bounds must
    hold one by one as well: R = max_a min_c R_ac is above L where some a has min_c L_ac > L at alpha / attacks, and
    below U where all a have min_c U_ac < U at alpha / controls. The more cautious of the two is taken.

    Args:
        success: attack name -> S (K,) in [0, 1], the same identities in the same order for all; the mean over the
            seeds of an identity where there are several.
        controls: control name -> Q (K,) in [0, 1] (a permuted control gives expectations).

    Raises: ValueError when empty, of unequal length, or when `error` is not usable.
    """
    S = np.stack([np.asarray(s, np.float64) for s in success.values()])
    Q = np.stack([np.asarray(c, np.float64) for c in controls.values()]) if controls else np.zeros_like(S[:1])
    if S.shape[1] != Q.shape[1] or S.shape[1] == 0:
        raise ValueError(f"attacks cover {S.shape[1]} identities, controls {Q.shape[1]}")
    if error is not None and not error.usable:
        raise ValueError("the verifiers are too close to chance to correct for their error")
    K = S.shape[1]
    rates = _Resampled(S, Q, error, controlled=bool(controls), resamples=resamples, seed=seed)
    p, q = float(S.mean(1).max()), float(Q.mean(1).max())
    two_sided, cautious_low, cautious_high = (rates.draw(side) for side in ("jeffreys", "lower", "upper"))
    p_low, p_high = _quantiles(two_sided.ps.max(1), 0.025, 0.975)
    q_low, q_high = _quantiles(two_sided.qs.max(1), 0.025, 0.975)
    if p in (0.0, 1.0):
        p_low, p_high = clopper_pearson(round(p * K), K)
    if q in (0.0, 1.0):
        q_low, q_high = clopper_pearson(round(q * K), K)
    sens, spec = (error.sensitivity, error.specificity) if error else (1.0, 1.0)
    p_true, q_true = float(corrected(p, sens, spec)), float(corrected(q, sens, spec))
    value = float(excess(p_true, q_true))
    low, high = _quantiles(two_sided.inside, 0.025, 0.975)
    if p in (0.0, 1.0):
        low, high = min(low, cautious_low.low(0.025)), max(high, cautious_high.high(0.025))
    names = list(controls) or ["none"]
    return Risk(
        p=Estimate(p, min(p, p_low), max(p, p_high), K),
        q=Estimate(q, min(q, q_low), max(q, q_high), K),
        R=Estimate(value, min(value, low), max(value, high), K),
        lower=min(value, cautious_low.low(0.05)),
        upper=max(value, cautious_high.high(0.05)),
        strongest_attack=list(success)[int(S.mean(1).argmax())],
        strongest_control=names[int(Q.mean(1).argmax())],
        corrected_p=p_true if error else None,
        corrected_q=q_true if error else None,
        uncorrected=float(excess(p, q)) if error else None,
        sensitivity=sens if error else None,
        specificity=spec if error else None,
    )


# side -> pseudo-identities as (S, Q, accepted, weight): hit or miss of every attack, of every control, and a real image
# accepted or not. R grows with S and falls with Q and with the sensitivity.
PSEUDO = {
    "jeffreys": ((1, 1, 1, 0.25), (1, 0, 0, 0.25), (0, 1, 1, 0.25), (0, 0, 0, 0.25)),
    "lower": ((0, 1, 1, 1.0),),
    "upper": ((1, 0, 0, 1.0),),
}


@dataclass(frozen=True)
class _Draws:
    """Resampled rates of attacks ps (B, A) and controls qs (B, C), and R of every pair (B, A, C)."""

    ps: np.ndarray
    qs: np.ndarray
    R: np.ndarray

    @property
    def inside(self) -> np.ndarray:
        """(B,) R with the maximum over attacks and over controls inside each resample."""
        inside: np.ndarray = self.R.min(2).max(1)
        return inside

    def low(self, alpha: float) -> float:
        """Lower bound at 1 - alpha: the lower of the maximum inside, and of the attacks one by one."""
        pairs = np.quantile(self.R, alpha / self.R.shape[1], axis=0)
        return min(float(np.quantile(self.inside, alpha)), float(pairs.min(1).max()))

    def high(self, alpha: float) -> float:
        """Upper bound at 1 - alpha: the higher of the maximum inside, and of the controls one by one."""
        pairs = np.quantile(self.R, 1 - alpha / self.R.shape[2], axis=0)
        return max(float(np.quantile(self.inside, 1 - alpha)), float(pairs.min(1).max()))


class _Resampled:
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

    def draw(self, side: str) -> _Draws:
        """All rates with the pseudo-identities of this side."""
        A, C, B = self._attacks, self._controls, len(self._sums.weights)
        pseudo = np.array([[s] * A + [q * self._controlled] * C for s, q, _, _ in PSEUDO[side]], np.float32)
        shape = np.array([w for *_, w in PSEUDO[side]], np.float32)
        rates = self._sums.means(pseudo, self._rng.standard_gamma(shape, (B, len(shape)))).astype(np.float64)
        sens: np.ndarray | float = 1.0
        if self._accepted is not None:
            accepted = np.array([[a] for _, _, a, _ in PSEUDO[side]], np.float32)
            sens = self._accepted.means(accepted, self._rng.standard_gamma(shape, (B, len(shape))))
        ps, qs = rates[:, :A], rates[:, A:]
        p, q = corrected(ps, sens, self._spec), corrected(qs, sens, self._spec)
        return _Draws(ps, qs, excess(p[:, :, None], q[:, None, :]))


def corrected(rate: np.ndarray | float, sens: np.ndarray | float, spec: np.ndarray | float) -> np.ndarray:
    """(rate + spec - 1) / (sens + spec - 1) clipped to [0, 1] (Rogan and Gladen, 1978)."""
    rate, sens, spec = (np.asarray(v, np.float64) for v in (rate, sens, spec))
    out: np.ndarray = np.clip((rate + spec - 1) / np.maximum(sens + spec - 1, 1e-6), 0.0, 1.0)
    return out


def excess(p: np.ndarray | float, q: np.ndarray | float) -> np.ndarray:
    """(p - q) / (1 - q) clipped to [0, 1]; 0 where q is 1."""
    p, q = np.asarray(p, np.float64), np.asarray(q, np.float64)
    out: np.ndarray = np.clip((p - q) / np.maximum(1 - q, 1e-12), 0.0, 1.0)
    return out


def _quantiles(values: np.ndarray, a: float, b: float) -> tuple[float, float]:
    low, high = np.quantile(values, [a, b])
    return float(low), float(high)
