"""Curves of several shards become one."""

import math

from app.audits.curves import merged
from app.contract.curve import CurvePoint


def test_shards_are_merged_at_the_same_steps() -> None:
    first = CurvePoint(0, 25, 6, 1.0, 2.0, 3.0, -2.0, -1.0, -0.5)
    second = CurvePoint(0, 25, 2, 0.5, 9.0, 12.0)
    later = CurvePoint(0, 50, 6, 0.1, 0.2, 0.3)
    at_25, at_50 = merged([first, later, second])
    assert (at_25.step, at_25.rows, at_50.step, at_50.rows) == (25, 8, 50, 6)
    assert (at_25.loss.low, at_25.loss.median, at_25.loss.high) == (0.5, 2.0, 12.0)
    assert at_25.confidence is not None
    assert (at_25.confidence.low, at_25.confidence.median) == (math.exp(-2.0), math.exp(-1.0))
    assert at_50.confidence is None
