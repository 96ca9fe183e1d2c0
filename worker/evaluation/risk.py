"""The risk R: the share of identities exposed beyond the strongest control."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from app.statistics.excess import excess
from worker.evaluation.rates import Resampled, VerifierError, corrected
from worker.evaluation.statistics import RESAMPLES, Estimate, clopper_pearson, mean

ALPHA = 0.05
"""Error rate of a one-sided bound of R."""


@dataclass(frozen=True)
class Risk:
    """p, q and R with two-sided 95 % intervals, and one-sided 95 % bounds of R for the verdict.

    Attributes:
        p: share verified under the strongest attack.
        q: share verified under the strongest control.
        strongest_attack, strongest_control: their names, on the whole sample.
        lower, upper: one-sided 95 % bounds of R.
        uncorrected: R without the correction for verifier error; equals R if no error was
            measured.
        corrected_p, corrected_q: p and q after that correction; None if no error was measured.
        sensitivity, specificity: of all verifiers together for one image, over the identities they
            were measured on.
        error_only: interval of R from the verifier error alone, as if these were all identities.
    """

    p: Estimate
    q: Estimate
    R: Estimate
    lower: float
    upper: float
    strongest_attack: str
    strongest_control: str
    uncorrected: Estimate
    corrected_p: Estimate | None = None
    corrected_q: Estimate | None = None
    sensitivity: Estimate | None = None
    specificity: Estimate | None = None
    error_only: tuple[float, float] | None = None

    def finite_population(self, of: int) -> tuple[float, float] | None:
        """Return the interval of R for a model of `of` identities, of which R.n were drawn.

        Sampling error shrinks by sqrt(1 - n / N); verifier error does not. Returns None if all
        identities were drawn.
        """
        if self.R.n >= of:
            return None
        value, shrink = self.R.value, 1 - self.R.n / of
        sides = (value - self.R.low, self.R.high - value)
        errors = (0.0, 0.0) if self.error_only is None else (value - self.error_only[0], self.error_only[1] - value)
        low, high = (
            min(side, float(np.sqrt(shrink * max(side**2 - error**2, 0.0) + error**2)))
            for side, error in zip(sides, errors, strict=True)
        )
        return value - low, value + high


def risk(
    success: Mapping[str, np.ndarray],
    controls: Mapping[str, np.ndarray],
    *,
    error: VerifierError | None = None,
    resamples: int = RESAMPLES,
    seed: int = 0,
    alpha: float = ALPHA,
) -> Risk:
    """Return R = (p - q) / (1 - q), clipped to [0, 1], with its intervals and bounds.

    p = max over attacks of mean S, q = max over controls of mean Q. If verifier error was
    measured, each is corrected for it: p <- (p + spec - 1) / (sens + spec - 1).

    Intervals are a Bayesian bootstrap over identities, with the same weights for all attacks and
    controls. The maximum over attacks and over controls is taken in each resample. Near 0 and 1 a
    plain bootstrap is too narrow, so pseudo-identities are added. The two-sided interval adds one
    in total, spread over hit and miss of attack and control, which gives a single attack Jeffreys'
    interval Beta(h + 1/2, K - h + 1/2). Each one-sided bound adds a whole one on the cautious
    side, which gives a single attack without control exactly the bound of Clopper and Pearson. At
    p = 0 or 1 the two-sided interval is also widened to that of Clopper and Pearson.

    With several attacks or controls, the maximum in each resample exceeds the largest true value.
    The bounds must therefore also hold one by one: R = max_a min_c R_ac is above L if some a has
    min_c L_ac > L at alpha / attacks, and below U if all a have min_c U_ac < U at alpha /
    controls. The more cautious of the two bounds is used.

    A union of attacks is one row, whose S is 1 if any attack succeeds, and each of its controls is
    the same union. `error.once` then widens the interval: how often the verifiers miss somebody
    whom several attacks show is known only within limits (`VerifierError.any_of`). The value uses
    the smallest correction of p.

    Args:
        success: attack name -> S (K,) in [0, 1], the same identities in the same order for all.
            With several seeds, an identity's S is the mean over them.
        alpha: error rate of each one-sided bound.
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
    rates = Resampled(S, Q, error, controlled=bool(controls), resamples=resamples, seed=seed)
    p, q = float(S.mean(1).max()), float(Q.mean(1).max())
    two_sided, cautious_low, cautious_high = (rates.draw(side) for side in ("jeffreys", "lower", "upper"))
    sens, spec = (error.sensitivity, error.specificity) if error else (1.0, 1.0)
    p_true, q_true = float(corrected(p, sens, spec)), float(corrected(q, sens, spec))
    value = float(excess(p_true, q_true))
    low, high = two_sided.low_inside(0.025), two_sided.high_inside(0.025)
    if p in (0.0, 1.0):
        low, high = min(low, cautious_low.low(0.025)), max(high, cautious_high.high(0.025))
    none_found = clopper_pearson(0, K, level=1 - 2 * alpha)[1]
    names, one = list(controls) or ["none"], error and (error.once or error)
    return Risk(
        p=_rate(p, two_sided.p, K),
        q=_rate(q, two_sided.q, K),
        R=_open(value, low, high, K),
        lower=min(value, cautious_low.low(alpha)),
        upper=max(value, none_found if p == 0 and not error else cautious_high.high(alpha)),
        strongest_attack=list(success)[int(S.mean(1).argmax())],
        strongest_control=names[int(Q.mean(1).argmax())],
        uncorrected=_open(float(excess(p, q)), *two_sided.uncorrected(0.025), K)
        if error
        else _open(value, low, high, K),
        corrected_p=_open(p_true, *two_sided.corrected_rate(two_sided.p, 0.025), K) if error else None,
        corrected_q=_open(q_true, *two_sided.corrected_rate(two_sided.q, 0.025), K) if error else None,
        sensitivity=mean(one.accepted, within=(0, 1), seed=seed, resamples=resamples) if one else None,
        specificity=mean(1 - one.false_accepted, within=(0, 1), seed=seed, resamples=resamples) if one else None,
        error_only=two_sided.at(p, q) if error else None,
    )


def _rate(value: float, drawn: np.ndarray, n: int) -> Estimate:
    """Return a rate with its interval, the Clopper-Pearson interval at 0 and 1."""
    if value in (0.0, 1.0):
        return Estimate(value, *clopper_pearson(round(value * n), n), n)
    low, high = (float(one) for one in np.quantile(drawn, [0.025, 0.975]))
    return Estimate(value, min(value, low), max(value, high), n)


def _open(value: float, low: float, high: float, n: int) -> Estimate:
    """Return an interval that contains its value and is never of zero width."""
    low, high = min(value, low), max(value, high)
    if high <= low:  # for example, a control far above the attack
        low, high = min(low, clopper_pearson(n, n)[0]), max(high, clopper_pearson(0, n)[1])
    return Estimate(value, low, high, n)
