"""The parent's watch over a sandboxed child: clock, scratch folder, length of the answer; and its end."""

from __future__ import annotations

import contextlib
import os
import selectors
import stat
import time
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

ANSWER_BYTES = 16 * 1024 * 1024
STDERR_BYTES = 64 * 1024
_PAGE, _FOLDER = 4096, 2**60


@dataclass(frozen=True)
class SandboxLimits:
    """What the child may use. `file_bytes` bounds each file that it writes, `disk_bytes` all of them together."""

    memory_bytes: int
    seconds: float
    cpu_seconds: int
    file_bytes: int
    disk_bytes: int


class Child(Protocol):
    """A process in the sandbox, and the ends of two pipes to read what it answers and complains of."""

    answer: BinaryIO
    stderr: BinaryIO

    def wait(self, seconds: float) -> int | None:
        """How it ended: its status, negative for a signal; None when nobody is left who knows.

        Raises: TimeoutError.
        """

    def kill(self) -> int | None:
        """End it and everything in its session; then as `wait`. Does nothing to a child that was waited for."""


@dataclass(frozen=True)
class Ended:
    """`returncode` is None when the process that started the child was lost, and perhaps the child with it."""

    answer: bytes
    stderr: bytes
    returncode: int | None
    reason: str | None


def watch(child: Child, work: Path, limits: SandboxLimits) -> Ended:
    """Until the child has ended, or has overrun a limit (`reason`) and was killed."""
    deadline = time.monotonic() + limits.seconds
    answer, stderr = bytearray(), bytearray()
    reason = None
    try:
        with selectors.DefaultSelector() as selector:
            selector.register(child.answer, selectors.EVENT_READ, answer)
            selector.register(child.stderr, selectors.EVENT_READ, stderr)
            while selector.get_map() and reason is None:
                for key, _ in selector.select(timeout=0.2):
                    piece = os.read(key.fd, 65536)
                    if not piece:
                        selector.unregister(key.fileobj)
                    elif len(key.data) < (ANSWER_BYTES if key.data is answer else STDERR_BYTES):
                        key.data.extend(piece)
                    elif key.data is answer:
                        reason = "answer"
                if time.monotonic() > deadline:
                    reason = "time"
                elif _used(work) > limits.disk_bytes:
                    reason = "disk"
        if reason is None:
            with contextlib.suppress(TimeoutError):
                status = child.wait(max(1.0, deadline - time.monotonic()))
                return Ended(bytes(answer), bytes(stderr), status, None)
            reason = "time"
    finally:
        status = child.kill()
        child.answer.close()
        child.stderr.close()
    return Ended(bytes(answer), bytes(stderr), status, reason)


def _used(folder: Path) -> int:
    """Bytes that the child's files take, at least a page each; a folder, which no task of ours makes, is too much."""
    total = 0
    for entry in os.scandir(folder):
        with contextlib.suppress(FileNotFoundError):  # it vanished meanwhile
            status = entry.stat(follow_symlinks=False)
            total += _FOLDER if stat.S_ISDIR(status.st_mode) else max(_PAGE, status.st_blocks * 512)
    return total
