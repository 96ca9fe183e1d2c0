"""Stops a stage wherever it is, by an exception in its thread.

A stage reaches its checkpoints when it can, and some computations take minutes between two of
them. The exception is raised between two instructions of Python, so everything is tidied up as
after any other error. A call into native code ends first.
"""

import ctypes
import sys
import threading

_RAISE = ctypes.pythonapi.PyThreadState_SetAsyncExc


class StageInterrupted(BaseException):
    """Raised inside a stage that has to end now."""


class Interruption:
    """The part of a job that may be interrupted, between `open` and `close`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._thread: int | None = None

    @property
    def possible(self) -> bool:
        """True while a stage runs."""
        return self._thread is not None

    def open(self) -> None:
        """Allow interruptions of the calling thread."""
        with self._lock:
            self._thread = threading.get_ident()

    def close(self) -> None:
        """Allow no more interruptions, and drop one that was not raised yet."""
        while True:
            try:
                with self._lock:
                    self._thread = None
                _RAISE(ctypes.c_ulong(threading.get_ident()), None)
            except StageInterrupted:  # it arrived in the lines above
                continue
            return

    def interrupt(self) -> bool:
        """Interrupt the stage. Return False if it cannot be done now.

        An import is never interrupted, as a half imported library could not be imported again.
        """
        with self._lock:
            if self._thread is None or _imports(self._thread):
                return False
            raised: int = _RAISE(ctypes.c_ulong(self._thread), ctypes.py_object(StageInterrupted))
            return raised == 1


def _imports(thread: int) -> bool:
    frame = sys._current_frames().get(thread)
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False
