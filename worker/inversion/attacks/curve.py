"""Points of the curve of a search: loss and score of the target over all rows, at some steps.

They are read where the search reports its progress, from figures that it has anyway, so no result
depends on them and a step never waits for them.
"""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import torch
from torch import Tensor

if TYPE_CHECKING:
    from worker.inversion.attacks.moments import State

Score = Callable[["State"], Tensor]
"""(state of one micro-batch) -> log softmax T(x)_y of the images that its rows stand for (B,)."""
SCORE_SECONDS = 5.0
"""Least time between scores. Each is a forward pass of a micro-batch without gradients."""
SCORE_SHARE = 0.01
"""Share of the search's time that scores between the first and the last block may take."""


class Curve:
    """Collects the rows of a block of steps, micro-batch by micro-batch."""

    def __init__(self, score: Score | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._score, self._clock = score, clock
        self._due = -math.inf
        self._took = 0.0
        self._losses: list[float] = []
        self._scores: list[float] = []
        self._scoring = False

    def begin(self, *, last: bool) -> None:
        """Begin a block. Rows are scored in the first, the last and some in between."""
        self._losses, self._scores, self._took = [], [], 0.0
        self._scoring = self._score is not None and (last or self._clock() >= self._due)

    def add(self, losses: list[float], state: State, rows: int) -> None:
        """Add the rows of a micro-batch. The rows of `state` beyond `rows` are padding."""
        self._losses += losses
        if self._scoring and self._score is not None:
            began = self._clock()
            with torch.no_grad():
                self._scores += self._score(state)[:rows].tolist()
            self._took += self._clock() - began

    def point(self, step: int) -> dict[str, float]:
        """Return the point at the end of the block. `step` counts from 1."""
        found = {"step": float(step), "rows": float(len(self._losses)), **_spread("loss", self._losses)}
        if self._scores:
            self._due = self._clock() + max(SCORE_SECONDS, self._took / SCORE_SHARE)
            found |= _spread("score", self._scores)
        return found


def _spread(name: str, values: list[float]) -> dict[str, float]:
    return {f"{name}_low": min(values), f"{name}_median": statistics.median(values), f"{name}_high": max(values)}
