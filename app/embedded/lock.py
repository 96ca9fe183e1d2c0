"""A lock that allows one supervisor per data folder. The kernel frees it when its holder dies."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.embedded.errors import EmbeddedServerError


class AlreadyRunningError(EmbeddedServerError):
    """Another process holds the data folder."""

    def __init__(self, data_dir: Path, holder: str) -> None:
        super().__init__(
            f"process {holder} already runs the servers of {data_dir}: use it, stop it, "
            "or choose another folder with EXHUME_DATA_DIR"
        )
        self.holder = holder


def is_held(data_dir: Path) -> bool:
    """Tell whether a process runs the servers of `data_dir`."""
    try:
        descriptor = os.open(data_dir / "run" / "servers.lock", os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


@contextmanager
def held(data_dir: Path) -> Iterator[None]:
    """Hold `<data_dir>/run/servers.lock`, or raise `AlreadyRunningError`."""
    run = data_dir / "run"
    run.mkdir(mode=0o700, parents=True, exist_ok=True)
    run.chmod(0o700)
    descriptor = os.open(run / "servers.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.read(descriptor, 20).decode().strip() or "unknown"
            raise AlreadyRunningError(data_dir, holder) from error
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode())
        yield
    finally:
        os.close(descriptor)
