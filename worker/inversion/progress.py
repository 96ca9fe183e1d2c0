"""The callback by which long engine calls report progress and are cancelled."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[int, int, dict[str, float]], None]
"""`progress(done, total, figures)`. It may raise to cancel the call without a partial result."""


def silent(done: int, total: int, figures: dict[str, float]) -> None:
    """Report nothing."""
