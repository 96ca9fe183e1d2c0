"""Supervision of a sandboxed child: time, size of the scratch folder, and length of the answer."""

from __future__ import annotations

import contextlib
import os
import selectors
import stat
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

ANSWER_BYTES = 16 * 1024 * 1024
STDERR_BYTES = 64 * 1024
_PAGE, _FOLDER = 4096, 2**60
PAUSE = 0.2
"""Most seconds between two looks at a child."""
BUSY = 3
"""Seconds by the clock for each second of the processor, on a machine that does other work."""
WAITS, COUNTED = Path("/proc/pressure/cpu"), 0.2
"""The kernel's count of the time in which a program waited for a processor, and the share of such
time that counts against a child. A hanging child is therefore killed even there."""


@dataclass(frozen=True)
class SandboxLimits:
    """Resources for the child. `file_bytes` limits each file it writes, `disk_bytes` their sum.

    `seconds`: by the clock, of which those in which programs wait for a processor count for a
    fifth. By default as many as a busy machine needs for `cpu_seconds`.
    """

    memory_bytes: int
    cpu_seconds: int
    file_bytes: int
    disk_bytes: int
    seconds: float = 0.0

    def __post_init__(self) -> None:
        if not self.seconds:
            object.__setattr__(self, "seconds", float(BUSY * self.cpu_seconds))


class Child(Protocol):
    """A sandboxed process, with pipes to read its answer and its standard error."""

    answer: BinaryIO
    stderr: BinaryIO

    def wait(self, seconds: float) -> int | None:
        """Wait for the exit status, negative for a signal; None if it cannot be known any more.

        Raises: TimeoutError.
        """

    def kill(self) -> int | None:
        """Kill the child and its session, unless it has been waited for; then return as `wait`."""


@dataclass(frozen=True)
class Ended:
    """Outcome of a child. `returncode`: None if the process that started the child was lost."""

    answer: bytes
    stderr: bytes
    returncode: int | None
    reason: str | None


class Elapsed:
    """The seconds that count against a child since it began."""

    def __init__(self) -> None:
        self._began, self._waited = time.monotonic(), waiting_seconds()

    @property
    def seconds(self) -> float:
        """Seconds by the clock, without most of those in which programs waited."""
        passed = time.monotonic() - self._began
        return passed - (1 - COUNTED) * min(passed, waiting_seconds() - self._waited)


def waiting_seconds() -> float:
    """Return the seconds since the start of the machine in which some program waited.

    0 where the kernel does not count them.
    """
    try:
        some = WAITS.read_text().partition("\n")[0]
    except OSError:
        return 0.0
    return int(some.rpartition("total=")[2]) / 1e6


def never() -> bool:
    """Return False: the child has one piece of work."""
    return False


def watch(child: Child, work: Path, limits: SandboxLimits, advanced: Callable[[], bool] = never) -> Ended:
    """Watch the child until it ends, or kill it when it exceeds a limit (`reason`).

    Args:
        advanced: called several times a second, from when the child has begun. True where it has
            finished a piece of its work: the limit of time then begins anew. May raise, which
            kills the child.
    """
    elapsed = Elapsed()
    answer, stderr = bytearray(), bytearray()
    reason = None
    try:
        with selectors.DefaultSelector() as selector:
            selector.register(child.answer, selectors.EVENT_READ, answer)
            selector.register(child.stderr, selectors.EVENT_READ, stderr)
            while selector.get_map() and reason is None:
                for key, _ in selector.select(timeout=PAUSE):
                    piece = os.read(key.fd, 65536)
                    if not piece:
                        selector.unregister(key.fileobj)
                    elif len(key.data) < (ANSWER_BYTES if key.data is answer else STDERR_BYTES):
                        key.data.extend(piece)
                    elif key.data is answer:
                        reason = "answer"
                if advanced():
                    elapsed = Elapsed()
                if elapsed.seconds > limits.seconds:
                    reason = "time"
                elif _used(work) > limits.disk_bytes:
                    reason = "disk"
        if reason is None:
            with contextlib.suppress(TimeoutError):
                status = child.wait(max(1.0, limits.seconds - elapsed.seconds))
                return Ended(bytes(answer), bytes(stderr), status, None)
            reason = "time"
    finally:
        status = child.kill()
        child.answer.close()
        child.stderr.close()
    return Ended(bytes(answer), bytes(stderr), status, reason)


def _used(folder: Path) -> int:
    """Return the size of the child's files, at least a page each. A folder exceeds every limit."""
    total = 0
    for entry in os.scandir(folder):
        with contextlib.suppress(FileNotFoundError):  # deleted in the meantime
            status = entry.stat(follow_symlinks=False)
            total += _FOLDER if stat.S_ISDIR(status.st_mode) else max(_PAGE, status.st_blocks * 512)
    return total
