"""Intervals in the standard library: of a share, and of a difference of two measured shares."""

import math
from typing import NamedTuple

TAIL = 0.025


class Difference(NamedTuple):
    """A difference with its 95 % interval."""

    value: float
    low: float
    high: float


def share_above(hits: int, n: int, limit: float) -> bool:
    """Return whether the exact 95 % interval of a share lies above a limit.

    Clopper and Pearson's lower end exceeds the limit exactly when at least this many hits have
    a probability below 2.5 % at the limit.
    """
    if hits <= 0 or limit >= 1:
        return False
    return sum(math.comb(n, k) * limit**k * (1 - limit) ** (n - k) for k in range(hits, n + 1)) < TAIL


def unpaired(now: tuple[float, float, float], before: tuple[float, float, float]) -> Difference:
    """Return `now` minus `before`, each a value with the ends of its interval.

    The ends are combined by Newcombe's square-and-add rule, as for independent samples.
    """
    (value, low, high), (other, other_low, other_high) = now, before
    change = value - other
    down = math.hypot(value - low, other_high - other)
    up = math.hypot(high - value, other - other_low)
    return Difference(change, max(change - down, -1.0), min(change + up, 1.0))
