"""Process that has loaded the libraries for sandboxed tasks, and forks a child for each order.

It never reads an upload or an order. It only receives open files and passes them to the child. The
memory that children inherit is therefore always the same: our code and its libraries.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import selectors
import signal
import socket
import struct
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from worker.intake.sandbox import child
from worker.intake.sandbox.confinement import die_with

CONTROL_FD = 3
READY = b"ready"
STATUS = struct.Struct("<i")
"""Exit status of a child, as it is sent over its line: negative for a signal."""


def main(parent: int, *modules: str) -> None:
    """Load `modules`, report ready on the control socket, and fork children until it is closed.

    Raises: RuntimeError if a module has started a thread, as a fork would lose it.
    """
    die_with(parent)
    for module in modules:
        importlib.import_module(module)
    if (threads := len(list(Path("/proc/self/task").iterdir()))) > 1:
        raise RuntimeError(f"{threads} threads run in the parent of sandboxed processes: it cannot be forked")
    gc.freeze()  # otherwise garbage collection in a child writes to every shared page
    with socket.socket(fileno=CONTROL_FD) as control, selectors.PollSelector() as selector:
        control.send(READY)
        selector.register(control, selectors.EVENT_READ, lambda: _order(control, selector))
        while selector.get_map():
            for key, _ in selector.select():
                answer: Callable[[], None] = key.data
                answer()


def _order(control: socket.socket, selector: selectors.BaseSelector) -> None:
    """Receive four files: the child's order, answer, standard error, and line to its watcher."""
    message, files, _, _ = socket.recv_fds(control, 16, 4)
    if not message:
        selector.unregister(control)  # this process ends once the lines of all children are closed
        return
    order, answer, stderr, line = files
    _Born(_copy(order, answer, stderr), socket.socket(fileno=line), selector)
    for file in (order, answer, stderr):
        os.close(file)


def _copy(order: int, answer: int, stderr: int) -> int:
    parent = os.getpid()
    if pid := os.fork():
        return pid
    _become_child(order, answer, stderr, parent)


def _become_child(order: int, answer: int, stderr: int, parent: int) -> NoReturn:
    """Close all inherited files, run the child, and exit in any case."""
    status = 1
    try:
        os.setsid()
        for file, place in ((order, 0), (stderr, 2), (answer, child.ANSWER_FD)):
            os.dup2(file, place, inheritable=False)
        os.closerange(child.ANSWER_FD + 1, os.sysconf("SC_OPEN_MAX"))
        child.main(parent)
        status = 0
    except BaseException:  # noqa: BLE001 (printed to standard error, which the other side logs)
        traceback.print_exc()
    finally:
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.flush()
        os._exit(status)


class _Born:
    """A running child, killed when its line is closed. Its exit status is sent over the line."""

    def __init__(self, pid: int, line: socket.socket, selector: selectors.BaseSelector) -> None:
        self._pid, self._line, self._selector = pid, line, selector
        self._end = os.pidfd_open(pid)
        selector.register(self._end, selectors.EVENT_READ, self._ended)
        selector.register(line, selectors.EVENT_READ, self._let_go)

    def _let_go(self) -> None:
        self._selector.unregister(self._line)
        self._kill()

    def _ended(self) -> None:
        self._kill()  # anything left in its session; its pid is not reused before waitpid
        _, status = os.waitpid(self._pid, 0)
        self._selector.unregister(self._end)
        os.close(self._end)
        if self._line in self._selector.get_map():
            self._selector.unregister(self._line)
        with self._line, contextlib.suppress(OSError):  # the other end may be closed
            self._line.send(STATUS.pack(os.waitstatus_to_exitcode(status)))

    def _kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):  # it has no session yet
            os.killpg(self._pid, signal.SIGKILL)
        os.kill(self._pid, signal.SIGKILL)
