"""Client of the warm parent: sandboxed children that start in milliseconds, with torch loaded."""

from __future__ import annotations

import contextlib
import logging
import os
import selectors
import socket
import subprocess
import tempfile
from typing import IO, BinaryIO

from worker.intake.sandbox.fresh import interpreter
from worker.intake.sandbox.warm_parent import READY, STATUS
from worker.intake.sandbox.watching import Ended

log = logging.getLogger(__name__)

LOADED = (
    "worker.intake.images.zip_set",
    "worker.intake.images.npz_set",
    "worker.intake.onnx.reading",
    "worker.intake.onnx.conversion",
    "worker.intake.conversion",
    "worker.intake.examination",
    "worker.inversion.torchvision_ops",  # must come before the next two
    "torchvision.models",
    "timm",
)
"""Modules that tasks import. Not onnxruntime: its import starts a thread, which a fork loses."""
_ATTEMPTS = 2
_REPLY_SECONDS = 10.0


class ForkedChild:
    """A child of the warm parent.

    The parent sends its exit status over `line`, and kills it when this end of `line` is closed.
    """

    def __init__(self, answer: int, stderr: int, line: socket.socket) -> None:
        self.answer: BinaryIO = os.fdopen(answer, "rb")
        self.stderr: BinaryIO = os.fdopen(stderr, "rb")
        self._line = line
        self._status: int | None = None

    def wait(self, seconds: float) -> int | None:
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
    """The warm parent of this process. Use it from the main thread only.

    The kernel kills it when the thread that started it ends.
    """

    def __init__(self, modules: tuple[str, ...] = LOADED) -> None:
        self._modules = modules
        self._process: subprocess.Popen[bytes] | None = None
        self._ready = False
        self._failures = 0

    @property
    def pid(self) -> int | None:
        """Process id, None if it does not run."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start loading and return at once. Does nothing on systems without pidfd (not Linux)."""
        if self._process is not None or not hasattr(os, "pidfd_open"):
            return
        self._ready = False
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115 (closed by stop)
        with theirs:
            self._process = interpreter(
                "worker.intake.sandbox.warm_parent",
                *self._modules,
                fd=theirs.fileno(),
                stdin=subprocess.DEVNULL,
                stderr=self._complaints,
            )

    def wait(self, seconds: float) -> bool:
        """Wait until it has loaded. Return False if it has not by then, or cannot."""
        if self._process is None or self._ready:
            return self._ready
        with selectors.DefaultSelector() as selector:
            selector.register(self._control, selectors.EVENT_READ)
            selector.select(seconds)
        return self._is_ready()

    def fork(self, order: IO[bytes]) -> ForkedChild | None:
        """Start a child that reads its order from `order`. Return None if no parent is ready."""
        if self._process is None or not self._is_ready():
            return None
        answer, answered = os.pipe()
        stderr, complained = os.pipe()
        line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        forked = ForkedChild(answer, stderr, line)
        try:
            self._control.settimeout(_REPLY_SECONDS)
            socket.send_fds(self._control, [b"fork"], [order.fileno(), answered, complained, theirs.fileno()])
        except OSError as error:
            log.warning("the warm parent of sandboxed processes is gone (%s): restarting it", error)
            for part in (forked.answer, forked.stderr, line):
                part.close()
            self._restart()
            return None
        finally:
            theirs.close()
            os.close(answered)
            os.close(complained)
        return forked

    def restart_if_lost(self, ended: Ended) -> None:
        """Restart the parent if it was lost or a child crashed.

        A child that was made to crash may have revealed the memory layout, which the next one must
        not share.
        """
        if ended.returncode is None or (ended.returncode < 0 and ended.reason is None):
            self._restart()

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
                    "the warm parent of sandboxed processes wrote: %s", complaints.decode("utf-8", "backslashreplace")
                )

    def _restart(self) -> None:
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
            log.error("the warm parent of sandboxed processes cannot be started: each upload takes seconds longer")
        return False


WARM = WarmParent()
"""The warm parent of this process. `start` has to be called."""
