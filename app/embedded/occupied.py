"""A place that belongs to one server for as long as it lives, even when its supervisor is dead.

The server inherits the descriptor of a locked file. The kernel frees the lock only when the server
and all processes that it forked are gone. This matters because a server that is shutting down
still writes its files and removes its socket by name, which would hit a successor that started too
early.
"""

import contextlib
import fcntl
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.embedded.errors import EmbeddedServerError

LEAVING_SECONDS = 2.0  # a server whose supervisor died gets a signal from the kernel
# Time to flush for a server that we asked to stop.
ASKED_SECONDS = 20.0


@dataclass(frozen=True, kw_only=True)
class Place:
    """The locked file, open as `descriptor` for the server to inherit.

    The descriptor is read-only. A later start ends the process that the file names, and a server
    must not be able to change that.
    """

    path: Path
    descriptor: int

    def record_pid(self, pid: int) -> None:
        """Write down the server's process id, for a successor that must ask it to stop."""
        self.path.write_text(f"{pid}\n")


@contextmanager
def occupied(path: Path, name: str) -> Iterator[Place]:
    """Wait until no server holds the lock of `path`, then hold it during the block.

    Processes that inherit the descriptor hold it too. A server that still runs is asked to stop;
    `EmbeddedServerError` is raised when it does not. The caller holds the supervisor's lock, so no
    other supervisor owns that server.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_CREAT, 0o600)
    try:
        if not _locked(descriptor, LEAVING_SECONDS):
            holder = path.read_text().strip()
            if holder.isdecimal():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(holder), signal.SIGTERM)
            if not _locked(descriptor, ASKED_SECONDS):
                raise EmbeddedServerError(
                    f"{name} process {holder or 'of an earlier start'} still runs and does not stop: "
                    "end it and try again"
                )
        path.write_text("")
        yield Place(path=path, descriptor=descriptor)
    finally:
        os.close(descriptor)


def _locked(descriptor: int, patience: float) -> bool:
    until = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                return False
            time.sleep(0.02)
        else:
            return True
