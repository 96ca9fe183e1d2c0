"""Ctrl-C, SIGTERM and SIGHUP as a request to stop. A second signal means immediately."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(Exception):  # noqa: N818 - a request, not an error
    """The user wants the stack to stop."""


class StopRequest:
    """A flag set by signals and checked between steps, so that no step is interrupted."""

    def __init__(self) -> None:
        self._first = threading.Event()
        self._second = threading.Event()

    def wait(self, seconds: float) -> None:
        """Sleep. Raises `Stopped` as soon as a stop is requested."""
        if self._first.wait(seconds):
            raise Stopped

    @property
    def impatient(self) -> bool:
        """Tell whether a second signal has arrived."""
        return self._second.is_set()

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Handle the signals inside the block (main thread only)."""
        old = {number: signal.signal(number, self._handle) for number in SIGNALS}
        try:
            yield
        finally:
            for number, handler in old.items():
                signal.signal(number, handler)

    def _handle(self, _number: int, _frame: FrameType | None) -> None:
        (self._second if self._first.is_set() else self._first).set()
