"""Client of a warm parent: starts it, asks it for children, and replaces it when it is lost."""

from __future__ import annotations

import contextlib
import logging
import os
import selectors
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping
from functools import cache

from worker.warm.interpreter import interpreter
from worker.warm.parent import END, READY, STATUS

log = logging.getLogger(__name__)

_ATTEMPTS, _PAUSE = 2, 600.0
_REPLY_SECONDS = 10.0


@cache
def has_pidfd() -> bool:
    """Return whether this system has pidfd: Linux 5.3 or later, unless a sandbox forbids it."""
    try:
        os.close(os.pidfd_open(os.getpid()))
    except (AttributeError, OSError):
        return False
    return True


class Forked:
    """A child of a warm parent.

    The parent sends its exit status over `line`, and kills it when this end of `line` is closed.
    """

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._status: int | None = None

    def wait(self, seconds: float | None = None) -> int | None:
        """Wait for the exit status; None if the parent was lost. Raises: TimeoutError."""
        if self._line.fileno() != -1:
            self._line.settimeout(seconds)
            try:
                received = self._line.recv(STATUS.size)
            except ConnectionError:
                received = b""
            self._line.close()
            self._status = STATUS.unpack(received)[0] if received else None
        return self._status

    def terminate(self) -> None:
        """Send SIGTERM to the child, unless it has been waited for."""
        if self._line.fileno() != -1:
            with contextlib.suppress(OSError):
                self._line.send(END)

    def kill(self) -> int | None:
        """Kill the child and return as `wait`. A parent that does not reply counts as lost."""
        if self._line.fileno() != -1:
            with contextlib.suppress(OSError):
                self._line.shutdown(socket.SHUT_WR)
            with contextlib.suppress(TimeoutError):
                return self.wait(_REPLY_SECONDS)
            self._line.close()
        return self._status


class WarmParent:
    """A warm parent of this process. Use it from the main thread only.

    The kernel kills it when the thread that started it ends.

    Args:
        task: "module:function" that a child calls with the process id of its parent. It returns
            the exit status.
        modules: what to load. None of them may start a thread.
        environment: of the interpreter, which then ignores Python's variables, too. None: that of
            this process.
    """

    def __init__(self, task: str, modules: tuple[str, ...], environment: Mapping[str, str] | None = None) -> None:
        self._task, self._modules, self._environment = task, modules, environment
        self._process: subprocess.Popen[bytes] | None = None
        self._ready = False
        self._failures = 0
        self._not_before = 0.0

    @property
    def pid(self) -> int | None:
        """Process id, None if it does not run."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start loading and return at once. Does nothing on systems without pidfd.

        One that could not be started twice is tried again after ten minutes.
        """
        if self._process is not None or not has_pidfd() or time.monotonic() < self._not_before:
            return
        self._ready = False
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115 (closed by stop)
        with theirs:
            self._process = interpreter(
                "worker.warm.parent",
                *(self._task, *self._modules),
                fd=theirs.fileno(),
                stdin=subprocess.DEVNULL,
                stderr=self._complaints,
                environment=self._environment,
            )

    def wait(self, seconds: float) -> bool:
        """Wait until it has loaded. Return False if it has not by then, or cannot."""
        if self._process is None or self._ready:
            return self._ready
        with selectors.DefaultSelector() as selector:
            selector.register(self._control, selectors.EVENT_READ)
            selector.select(seconds)
        return self._is_ready()

    def fork(self, files: Mapping[int, int]) -> Forked | None:
        """Start a child with these files open. Return None if no parent is ready.

        Args:
            files: an open file by the number that it has in the child, below 256. All others are
                closed.
        """
        if self._process is None or not self._is_ready():
            return None
        line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            try:
                self._control.settimeout(_REPLY_SECONDS)
                socket.send_fds(self._control, [bytes(files)], [*files.values(), theirs.fileno()])
            except OSError as error:
                log.warning("the warm parent of %s is gone (%s): restarting it", self._task, error)
                line.close()
                self.restart()
                return None
        return Forked(line)

    def stop(self) -> None:
        """Kill the parent and its children."""
        if self._process is None:
            return
        self._process.kill()
        self._process.wait()
        self._process = None
        self._control.close()
        with self._complaints as file:
            file.seek(0)
            if complaints := file.read(64 * 1024):
                log.warning(
                    "the warm parent of %s wrote: %s", self._task, complaints.decode("utf-8", "backslashreplace")
                )

    def restart(self) -> None:
        """Kill the parent and its children, and start another."""
        self.stop()
        self.start()

    def _is_ready(self) -> bool:
        if self._ready:
            return True
        try:
            received = self._control.recv(len(READY), socket.MSG_DONTWAIT)
        except BlockingIOError:
            return False
        except ConnectionError:
            received = b""
        self._ready = received == READY
        if self._ready:
            self._failures = 0
            return True
        self._failures += 1
        self.stop()
        if self._failures < _ATTEMPTS:
            self.start()
        else:
            self._failures, self._not_before = 0, time.monotonic() + _PAUSE
            log.error("the warm parent of %s cannot be started: each of its processes takes seconds longer", self._task)
        return False
