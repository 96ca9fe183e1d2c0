"""The callback through which long engine calls report and are cancelled."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[int, int, dict[str, float]], None]
"""`progress(done, total, figures)`; it may raise, which cancels the call and leaves no partial result."""


def silent(done: int, total: int, figures: dict[str, float]) -> None:
    """Report nothing."""
