"""The number of identities that a verdict needs, and the bounds on R for a given number.

Uses the standard library only. The bounds are those of the verdict: one-sided, 95 %, Clopper and
Pearson's for one attack without control, divided by the rate at which the verifiers recognise real
images.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

CONFIDENCE = 0.95
Z = 1.645
GRID = 200
MOST = 1_000_000


@dataclass(frozen=True)
class Sensitivity:
    """How often the verifiers recognise real images, measured on `n` identities."""

    value: float
    n: int

    def points(self) -> list[tuple[float, float]]:
        """Return possible values of the sensitivity with weights.

        They follow a Beta distribution with one more identity whose images are all missed.
        """
        a, b = self.n * self.value, self.n * (1 - self.value) + 1
        values = [(i + 0.5) / GRID for i in range(GRID)]
        logs = [(a - 1) * math.log(v) + (b - 1) * math.log(1 - v) for v in values]
        weights = [math.exp(one - max(logs)) for one in logs]
        return [(v, w / sum(weights)) for v, w in zip(values, weights, strict=True)]


def fewest_for_pass(budget: float, sensitivity: Sensitivity | None = None, *, hits: int = 0) -> int:
    """Return the fewest identities, `hits` with a hit, for an upper bound below the budget.

    Without hits, these are 59 for 5 %, 149 for 2 % and 299 for 1 % if the verifiers recognise
    every real image. Several attacks need no more: when none of them hits, neither does their
    union.
    """
    return _first(hits + 1, lambda n: _at_most(hits, n, budget, sensitivity) < 1 - CONFIDENCE)


def fewest_for_fail(risk: float, budget: float, sensitivity: Sensitivity | None = None) -> int:
    """Return about how many identities put the lower bound of R above the budget.

    The bound includes a pseudo-identity that the attack misses and the control hits. In weights of
    the bootstrap, hits minus that one must exceed the budget's share of all by the 95 % point of a
    normal distribution.
    """
    value = sensitivity.value if sensitivity else 1.0
    doubt = (1 - value) / (value * sensitivity.n) if sensitivity else 0.0

    def shown(n: int) -> bool:
        hits, allowed = math.floor(risk * value * n), budget * value * n
        spread = math.sqrt(hits + 1 + budget * value * allowed + allowed**2 * doubt)
        return hits - 1 - allowed > Z * spread

    return _first(1, shown)


def all_hit_bound(identities: int) -> float:
    """Return the lower bound of R when all identities are recognised, and none by a control.

    It is 0 for fewer than five. With a pseudo-identity of weight w that the attack misses and the
    control hits, R = (1 - 2w) / (1 - w), and the 95 % point of w is 1 - 0.05^(1/n). Verifiers that
    miss real images make it lower.
    """
    return max(2 - math.pow(1 - CONFIDENCE, -1 / identities), 0.0)


def zero_hit_bound(identities: int, sensitivity: Sensitivity | None = None) -> float:
    """Return the upper bound of R without a hit: 1 - 0.05^(1/n) if no real image is missed."""
    low, high = 0.0, 1.0
    while high - low > 1e-6:
        middle = (low + high) / 2
        low, high = (middle, high) if _at_most(0, identities, middle, sensitivity) > 1 - CONFIDENCE else (low, middle)
    return high


def smallest_leak(upper: float, power: float) -> float:
    """Return the smallest share of exposed identities that an audit would have shown.

    Args:
        upper: one-sided upper bound of R.
        power: one-sided lower bound of R of the same plan on a reference model, above 0.
    """
    return min(upper / power, 1.0)


def round_up(bound: float) -> float:
    """Return a round budget above a bound.

    It is a multiple of 0.1 points below 2 %, of 0.5 below 10 %, and of one point otherwise.
    """
    step = 0.001 if bound < 0.02 else 0.005 if bound < 0.1 else 0.01
    return round((math.floor(bound / step + 1e-9) + 1) * step, 4)


def _at_most(hits: int, n: int, risk: float, sensitivity: Sensitivity | None) -> float:
    """Return P(at most `hits` of n are recognised) at this risk."""
    points = [(1.0, 1.0)] if sensitivity is None else sensitivity.points()
    return sum(weight * _binomial(hits, n, risk * value) for value, weight in points)


def _binomial(hits: int, n: int, p: float) -> float:
    """Return P(X <= hits) for X of Binomial(n, p)."""
    if p <= 0 or hits >= n:
        return 1.0
    if p >= 1:
        return 0.0
    term = n * math.log1p(-p)
    total = math.exp(term)
    for k in range(1, hits + 1):
        term += math.log((n - k + 1) / k) + math.log(p) - math.log1p(-p)
        total += math.exp(term)
    return min(total, 1.0)


def _first(start: int, holds: Callable[[int], bool]) -> int:
    """Return the smallest n from `start` for which a monotone condition holds, up to a million."""
    high = max(start, 1)
    while not holds(high) and high < MOST:
        high *= 2
    low = max(start, high // 2)
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle + 1, high)
    return high
