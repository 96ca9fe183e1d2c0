"""The state of many searches, a step of them, and the numbers that change from step to step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from torch import Tensor

State = dict[str, Tensor]
"""Tensors with one row per search: the optimised values, Adam's moments, the row's identity."""


class Moment(NamedTuple):
    """The numbers of a step. In a recorded step they are tensors on the device.

    Attributes:
        t: the step, from 0.
        rate: of the optimiser.
        m, v: 1 - beta^(t + 1), by which Adam corrects its first and second moment.
    """

    t: int | Tensor
    rate: float | Tensor = 0.0
    m: float | Tensor = 1.0
    v: float | Tensor = 1.0


Step = Callable[[State, Moment], tuple[State, Tensor]]
"""(state of one micro-batch, numbers of the step) -> (next state, loss per row (B,) before it).

It reads no value and makes no tensor on another device, so that a GPU never waits for it. All that
differs between two steps is in its arguments, so that it can be recorded.
"""


@dataclass(frozen=True)
class Schedule:
    """The numbers of every step.

    Attributes:
        rate: of the optimiser, as a function of the step.
        betas: of Adam.
    """

    rate: Callable[[int], float] = lambda t: 0.0
    betas: tuple[float, float] = (0.9, 0.999)

    def at(self, t: int) -> Moment:
        """Return the numbers of step t."""
        b1, b2 = self.betas
        return Moment(t, self.rate(t), 1 - b1 ** (t + 1), 1 - b2 ** (t + 1))
