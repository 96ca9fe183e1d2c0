"""The film of a search: the latents of its rows at a few steps, which are decoded at its end.

A film is copied from a search and changes nothing of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from worker.inversion.batching import in_batches
from worker.inversion.data import to_uint8

if TYPE_CHECKING:
    from worker.inversion.attacks.moments import State

FRAMES = 6
"""Frames of a film, with the start and the end."""
Latents = Callable[["State"], Tensor]
"""(state of all rows) -> the latents that the search would find if it ended now (R, ...)."""


@dataclass(frozen=True)
class Strip:
    """The frames of one row.

    Attributes:
        steps: step of each frame, ascending. The first is 0, before any step.
        frames: uint8 (n, H, W) or (n, H, W, C).
    """

    steps: tuple[int, ...]
    frames: np.ndarray


class Film:
    """Collects latents. Of several searches, the last one stays."""

    def __init__(self) -> None:
        self.steps: list[int] = []
        self._latents: list[Tensor] = []
        self._wanted: frozenset[int] = frozenset()

    def begin(self, steps: int, every: int, latents: Tensor) -> None:
        """Begin with the latents before any step. Blocks of `every` steps follow."""
        self.steps, self._latents = [], []
        self._wanted = frames_of(steps, every)
        self._keep(0, latents)

    def after(self, step: int, state: State, latents: Latents, *, last: bool) -> None:
        """Keep the latents after a block, if it is the last or a frame is due at its last step."""
        if last or step in self._wanted:
            self._keep(step, latents(state))

    def strips(self, rows: Tensor, decode: Callable[[Tensor], Tensor], at_once: int) -> list[Strip]:
        """Decode the frames of some rows (n,), in their order.

        Args:
            decode: from latents (B, ...) to images (B, C, H, W) in [0, 1].
            at_once: latents that are decoded at once.
        """
        chosen = rows.cpu()
        device = rows.device
        with torch.no_grad():
            frames = [to_uint8(in_batches(decode, kept[chosen].to(device), at_once)) for kept in self._latents]
        return [Strip(tuple(self.steps), np.stack([frame[row] for frame in frames])) for row in range(len(chosen))]

    def _keep(self, step: int, latents: Tensor) -> None:
        self.steps.append(step)
        self._latents.append(latents.detach().to("cpu", copy=True))


def frames_of(steps: int, every: int) -> frozenset[int]:
    """Return the steps of a film after the start: ends of blocks, about equally far apart."""
    ends = [*range(every, steps, every), steps]
    count = min(FRAMES - 1, len(ends))
    return frozenset(ends[(number + 1) * len(ends) // count - 1] for number in range(count))
