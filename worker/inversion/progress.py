"""The callback by which long engine calls report progress and are cancelled."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[int, int, dict[str, float]], None]
"""`progress(done, total, figures)`. It may raise to cancel the call without a partial result."""


def silent(done: int, total: int, figures: dict[str, float]) -> None:
    """Report nothing."""


def part_of(progress: Progress, done: int, parts: int) -> Progress:
    """Return the progress of one of several searches of about the same size.

    Points of its curve say which search they belong to.
    """

    def of_part(at: int, total: int, figures: dict[str, float]) -> None:
        named = figures | {"part": done} if "step" in figures else figures
        progress(done * total + at, parts * total, named)

    return of_part
