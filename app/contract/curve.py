"""A point of the curve of a search, as a job stores it: its values in this order."""

from typing import NamedTuple


class CurvePoint(NamedTuple):
    """Loss and score of the target over the rows of a shard, at the end of some steps.

    Attributes:
        part: of attacks that search their kinds of restarts one after another.
        step: counts from 1 in each part.
        rows: searches that still ran, one for each identity and restart of the shard.
        score_low, score_median, score_high: of log softmax T(x)_y. None where it was not taken.
    """

    part: int
    step: int
    rows: int
    loss_low: float
    loss_median: float
    loss_high: float
    score_low: float | None = None
    score_median: float | None = None
    score_high: float | None = None
