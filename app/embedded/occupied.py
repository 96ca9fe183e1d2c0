"""A place that one server has to itself for as long as it lives, even when its supervisor is dead.

The server inherits the descriptor of a locked file: the kernel lets the lock go when the server (and whatever it
forked) is gone, never before. A server on its way out still writes its files and removes its socket, by name: the
next one's, if that started too early.
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

LEAVING_SECONDS = 2.0  # a server whose supervisor died was told to leave by the kernel
ASKED_SECONDS = 20.0  # a server told by us has this long to flush


@dataclass(frozen=True, kw_only=True)
class Place:
    """The locked file, open as `descriptor` for the server to inherit.

    For reading alone: what stands in it is the process that a later start ends, and servers of root have no say in it.
    """

    path: Path
    descriptor: int

    def taken_by(self, pid: int) -> None:
        """Note who has it, for a successor that must ask it to leave."""
        self.path.write_text(f"{pid}\n")


@contextmanager
def occupied(path: Path, name: str) -> Iterator[Place]:
    """Wait until no server has the lock of `path`, then hold it for the block, and for whoever inherits it.

    A server that stays is asked to leave; raises `EmbeddedServerError` when it does not. The caller holds the
    supervisor's lock, so no other supervisor owns that server.
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
                    "end it and start again"
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
