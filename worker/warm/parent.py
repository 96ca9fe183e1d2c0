"""Process that has loaded libraries, and forks a child for each order.

It never reads an order. It only receives open files and passes them to the child. The memory that
children inherit is therefore always the same: our code and its libraries.
"""

from __future__ import annotations

import contextlib
import ctypes
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

CONTROL_FD = 3
READY = b"ready"
END = b"end"
"""Sent over a child's line: end it softly."""
STATUS = struct.Struct("<i")
"""Exit status of a child, as it is sent over its line: negative for a signal."""
MOST_FILES = 8
BLOCKED = {signal.SIGTERM}
"""Some supervisors send it to every process of a service. The parent ends with its worker, as a
child would be killed with it and could not end softly."""
_PR_SET_PDEATHSIG = 1


def die_with(parent: int) -> None:
    """Ask the kernel to kill this process when the thread of `parent` that started it ends."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    if os.getppid() != parent:  # the parent died before the line above
        os.kill(os.getpid(), signal.SIGKILL)


def main(parent: int, task: str, *modules: str) -> None:
    """Load `modules`, report ready on the control socket, and fork children until it is closed.

    Args:
        task: "module:function" that a child calls with the process id of its parent. It returns
            the exit status.

    Raises: RuntimeError if a module has started a thread, as a fork would lose it.
    """
    die_with(parent)
    signal.pthread_sigmask(signal.SIG_BLOCK, BLOCKED)
    for module in modules:
        importlib.import_module(module)
    module, _, name = task.partition(":")
    run: Callable[[int], int] = getattr(importlib.import_module(module), name)
    if (threads := _threads()) > 1:
        raise RuntimeError(f"{threads} threads run in the parent of {task}: it cannot be forked")
    gc.freeze()  # otherwise garbage collection in a child writes to every shared page
    with socket.socket(fileno=CONTROL_FD) as control, selectors.PollSelector() as selector:
        control.send(READY)
        selector.register(control, selectors.EVENT_READ, lambda: _order(control, selector, run))
        while selector.get_map():
            for key, _ in selector.select():
                answer: Callable[[], None] = key.data
                answer()


def _threads() -> int:
    """Count threads of this process. OpenBLAS ends its own at a fork, and starts them anew."""
    if (child := os.fork()) == 0:
        os._exit(0)
    os.waitpid(child, 0)
    return len(list(Path("/proc/self/task").iterdir()))


def _order(control: socket.socket, selector: selectors.BaseSelector, run: Callable[[int], int]) -> None:
    """Receive the files of a child and its line. The message has their numbers in the child."""
    numbers, files, _, _ = socket.recv_fds(control, MOST_FILES, MOST_FILES)
    if not numbers:
        selector.unregister(control)  # this process ends once the lines of all children are closed
        return
    *own, line = files
    _Born(_copy(dict(zip(own, numbers, strict=True)), run), socket.socket(fileno=line), selector)
    for file in own:
        os.close(file)


def _copy(files: dict[int, int], run: Callable[[int], int]) -> int:
    parent = os.getpid()
    if pid := os.fork():
        return pid
    _become_child(files, run, parent)


def _become_child(files: dict[int, int], run: Callable[[int], int], parent: int) -> NoReturn:
    """Close all inherited files but those of the child, run it, and exit in any case."""
    status = 1
    try:
        die_with(parent)
        os.setsid()
        for file, number in files.items():
            os.dup2(file, number, inheritable=False)
        os.closerange(max(files.values()) + 1, os.sysconf("SC_OPEN_MAX"))
        signal.pthread_sigmask(signal.SIG_UNBLOCK, BLOCKED)
        status = run(parent)
    except BaseException:  # noqa: BLE001 (printed to standard error, which the other side logs)
        traceback.print_exc()
    finally:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError):
                stream.flush()
        os._exit(status)


class _Born:
    """A running child, killed when its line is closed. Its exit status is sent over the line."""

    def __init__(self, pid: int, line: socket.socket, selector: selectors.BaseSelector) -> None:
        self._pid, self._line, self._selector = pid, line, selector
        self._end = os.pidfd_open(pid)
        selector.register(line, selectors.EVENT_READ, self._told)  # first: `_ended` closes it
        selector.register(self._end, selectors.EVENT_READ, self._ended)

    def _told(self) -> None:
        if self._line.recv(len(END)) == END:
            os.kill(self._pid, signal.SIGTERM)
            return
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
