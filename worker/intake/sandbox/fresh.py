"""A new interpreter in its own session, with a clean environment and no inherited files."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import IO, BinaryIO

import app.formats
import worker

PACKAGE = Path(worker.__file__).resolve().parent
CODE = (PACKAGE, Path(app.formats.__file__).resolve().parent)
"""Folders that a child may read: it imports some modules only when a file needs them."""
_ENVIRONMENT = {  # no DATABASE_URL, no keys, no proxy; only what Python and torch need to start quietly
    "PATH": "/usr/bin:/bin",
    "HOME": "/",
    "USER": "exhume",
    "LANG": "C.UTF-8",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "CUDA_VISIBLE_DEVICES": "",
    "HF_HUB_OFFLINE": "1",
    "TORCHINDUCTOR_CACHE_DIR": "/",  # an existing folder: otherwise importing torchvision makes one
}
_BOOT = """
import importlib, os, sys
_, fd, package, module, parent, *more = sys.argv
os.dup2(int(fd), 3, inheritable=False)
if fd != "3": os.close(int(fd))
sys.path.insert(0, package)
importlib.import_module(module).main(int(parent), *more)
"""


def interpreter(
    module: str, *arguments: str, fd: int, stdin: IO[bytes] | int, stderr: IO[bytes] | int
) -> subprocess.Popen[bytes]:
    """Start `main(our pid, *arguments)` of `module`, with `fd` as file 3."""
    return subprocess.Popen(
        [sys.executable, "-I", "-B", "-c", _BOOT, str(fd), str(PACKAGE.parent), module, str(os.getpid()), *arguments],
        stdin=stdin,
        stdout=subprocess.DEVNULL,
        stderr=stderr,
        cwd="/",
        env=_ENVIRONMENT,
        pass_fds=(fd,),
        start_new_session=True,
    )


class FreshChild:
    """A sandboxed child in a new interpreter: 0.1 s to start, and 2 to 5 s to import torch."""

    def __init__(self, order: IO[bytes]) -> None:
        read, write = os.pipe()
        try:
            self._process = interpreter("worker.intake.sandbox.child", fd=write, stdin=order, stderr=subprocess.PIPE)
        except BaseException:
            os.close(read)
            raise
        finally:
            os.close(write)
        assert self._process.stderr is not None
        self.answer: BinaryIO = os.fdopen(read, "rb")
        self.stderr: BinaryIO = self._process.stderr  # type: ignore[assignment]

    def wait(self, seconds: float) -> int:
        """Wait for the exit status. Raises: TimeoutError."""
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise TimeoutError from None

    def kill(self) -> int:
        """Kill the child and its session, unless it has been waited for; return its status."""
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.kill()
        return self._process.wait()
