"""The film of a search: the latents of its rows at a few steps, which are decoded at its end.

A film is copied from a search and changes nothing of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
"""Frames of a film at most, with the start and the end."""
Row = tuple[int, int]
"""Identity and restart."""
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


class Shot:
    """Collects the latents of the rows that are searched together."""

    def __init__(self, latents: Latents) -> None:
        self.steps: list[int] = []
        self.kept: list[Tensor] = []
        self._latents = latents
        self._wanted: frozenset[int] = frozenset()

    def begin(self, steps: int, every: int, state: State) -> None:
        """Keep the latents before any step. Blocks of `every` steps follow."""
        self._wanted = frames_of(steps, every)
        self._keep(0, state)

    def after(self, step: int, state: State, *, last: bool) -> None:
        """Keep the latents after a block, if it is the last or a frame is due at its last step."""
        if last or step in self._wanted:
            self._keep(step, state)

    def _keep(self, step: int, state: State) -> None:
        self.steps.append(step)
        self.kept.append(self._latents(state).detach().to("cpu", copy=True))


class Film:
    """The shots of a search."""

    def __init__(self) -> None:
        self._places: dict[Row, tuple[Shot, int]] = {}

    def shot(self, rows: Sequence[Row], latents: Latents) -> Shot:
        """Begin a shot of these rows. It replaces earlier shots of them."""
        made = Shot(latents)
        self._places |= {row: (made, place) for place, row in enumerate(rows)}
        return made

    def strips(self, rows: Sequence[Row], decode: Callable[[Tensor], Tensor], at_once: int) -> dict[Row, Strip]:
        """Decode the frames of some rows. Rows that were not searched have none.

        Args:
            decode: from latents (B, ...) on the CPU to images (B, C, H, W) in [0, 1].
            at_once: latents that are decoded at once.
        """
        shots = {row: self._places[row] for row in rows if row in self._places}
        if not shots:
            return {}
        latents = torch.cat([torch.stack([kept[place] for kept in shot.kept]) for shot, place in shots.values()])
        with torch.no_grad():
            images = to_uint8(in_batches(decode, latents, at_once))
        ends = np.cumsum([len(shot.steps) for shot, _ in shots.values()])[:-1]
        parts = zip(shots.items(), np.split(images, ends), strict=True)
        return {row: Strip(tuple(shot.steps), frames) for (row, (shot, _)), frames in parts}


def frames_of(steps: int, every: int) -> frozenset[int]:
    """Return the steps of a film after the start: ends of blocks, about equally far apart."""
    ends = [*range(every, steps, every), steps]
    count = min(FRAMES - 1, len(ends))
    return frozenset(ends[(number + 1) * len(ends) // count - 1] for number in range(count))
