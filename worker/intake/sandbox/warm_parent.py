"""A process that has loaded what the tasks of the sandbox need, and for each order makes a copy of itself: a child.

It never sees an upload, nor even an order: of these it gets the open files alone, and hands them to the child. What it
holds in memory, which each child inherits, is therefore the same for all: our code and its libraries.
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
"""How a child ended, as it is sent over its line: negative for a signal."""


def main(parent: int, *modules: str) -> None:
    """Load `modules`, say so on the control socket, and make children until its other end is closed.

    Raises: RuntimeError when something loaded has started a thread: then no order is taken.
    """
    die_with(parent)
    for module in modules:
        importlib.import_module(module)
    if (threads := len(list(Path("/proc/self/task").iterdir()))) > 1:
        raise RuntimeError(f"{threads} threads run in the parent of sandboxed processes: it can't be copied")
    gc.freeze()  # else a child's garbage collection writes to every page that it shares with us
    with socket.socket(fileno=CONTROL_FD) as control, selectors.PollSelector() as selector:
        control.send(READY)
        selector.register(control, selectors.EVENT_READ, lambda: _order(control, selector))
        while selector.get_map():
            for key, _ in selector.select():
                answer: Callable[[], None] = key.data
                answer()


def _order(control: socket.socket, selector: selectors.BaseSelector) -> None:
    """Four files: the child's order, answer and standard error, and its line to whoever watches it."""
    message, files, _, _ = socket.recv_fds(control, 16, 4)
    if not message:
        selector.unregister(control)  # children whose lines are closed too end, and then we do
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
    """With no file but its own, so that nothing leads back to us; it ends here, whatever happens."""
    status = 1
    try:
        os.setsid()
        for file, place in ((order, 0), (stderr, 2), (answer, child.ANSWER_FD)):
            os.dup2(file, place, inheritable=False)
        os.closerange(child.ANSWER_FD + 1, os.sysconf("SC_OPEN_MAX"))
        child.main(parent)
        status = 0
    except BaseException:  # noqa: BLE001 (told on standard error, which the other side logs)
        traceback.print_exc()
    finally:
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.flush()
        os._exit(status)


class _Born:
    """A child that lives: it is killed when its line is closed, and its end is told over the line."""

    def __init__(self, pid: int, line: socket.socket, selector: selectors.BaseSelector) -> None:
        self._pid, self._line, self._selector = pid, line, selector
        self._end = os.pidfd_open(pid)
        selector.register(self._end, selectors.EVENT_READ, self._ended)
        selector.register(line, selectors.EVENT_READ, self._let_go)

    def _let_go(self) -> None:
        self._selector.unregister(self._line)
        self._kill()

    def _ended(self) -> None:
        self._kill()  # whatever it may have left in its session; its pid is its own until we have waited for it
        _, status = os.waitpid(self._pid, 0)
        self._selector.unregister(self._end)
        os.close(self._end)
        if self._line in self._selector.get_map():
            self._selector.unregister(self._line)
        with self._line, contextlib.suppress(OSError):  # nobody may listen any more
            self._line.send(STATUS.pack(os.waitstatus_to_exitcode(status)))

    def _kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):  # it has no session yet
            os.killpg(self._pid, signal.SIGKILL)
        os.kill(self._pid, signal.SIGKILL)
