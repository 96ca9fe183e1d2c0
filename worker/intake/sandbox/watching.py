"""The parent's watch over a sandboxed child: clock, scratch folder, length of the answer; and its end."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import stat
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

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


@dataclass(frozen=True)
class Ended:
    answer: bytes
    stderr: bytes
    returncode: int
    reason: str | None


def watch(child: subprocess.Popen[bytes], answer_fd: int, work: Path, limits: SandboxLimits) -> Ended:
    assert child.stderr is not None
    deadline = time.monotonic() + limits.seconds
    answer, stderr = bytearray(), bytearray()
    with selectors.DefaultSelector() as selector, child.stderr:
        selector.register(answer_fd, selectors.EVENT_READ, answer)
        selector.register(child.stderr, selectors.EVENT_READ, stderr)
        reason = None
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
        try:
            child.wait(timeout=max(1.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            reason = "time"
    kill(child)
    return Ended(bytes(answer), bytes(stderr), child.returncode, reason)


def kill(child: subprocess.Popen[bytes]) -> None:
    """End the child and everything in its session; does nothing once it was waited for."""
    if child.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.kill()
    child.wait()


def _used(folder: Path) -> int:
    """Bytes that the child's files take, at least a page each; a folder, which no task of ours makes, is too much."""
    total = 0
    for entry in os.scandir(folder):
        with contextlib.suppress(FileNotFoundError):  # it vanished meanwhile
            status = entry.stat(follow_symlinks=False)
            total += _FOLDER if stat.S_ISDIR(status.st_mode) else max(_PAGE, status.st_blocks * 512)
    return total
