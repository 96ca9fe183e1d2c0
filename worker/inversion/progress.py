"""The callback by which long engine calls report progress and are cancelled."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[int, int, dict[str, float]], None]
"""`progress(done, total, figures)`. It may raise to cancel the call without a partial result."""


def silent(done: int, total: int, figures: dict[str, float]) -> None:
    """Report nothing."""


def part_of(progress: Progress, done: int, parts: int) -> Progress:
    """Return the progress of one of several searches of about the same size."""
    return lambda at, total, figures: progress(done * total + at, parts * total, figures)
