"""A new interpreter in its own session, without inherited files."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import IO

import worker

ROOT = Path(worker.__file__).resolve().parents[1]
_BOOT = """
import importlib, os, sys
_, fd, root, module, parent, *more = sys.argv
os.dup2(int(fd), 3, inheritable=False)
if fd != "3": os.close(int(fd))
sys.path.insert(0, root)
importlib.import_module(module).main(int(parent), *more)
"""


def interpreter(
    module: str,
    *arguments: str,
    fd: int,
    stdin: IO[bytes] | int,
    stderr: IO[bytes] | int,
    environment: Mapping[str, str] | None,
) -> subprocess.Popen[bytes]:
    """Start `main(our pid, *arguments)` of `module`, with `fd` as file 3.

    Args:
        environment: all variables that it sees, in the folder "/". It then ignores those of Python
            and the packages of the user. None: the variables and folder of this process.
    """
    flags = ["-P"] if environment is None else ["-I", "-B"]
    return subprocess.Popen(
        [sys.executable, *flags, "-c", _BOOT, str(fd), str(ROOT), module, str(os.getpid()), *arguments],
        stdin=stdin,
        stdout=subprocess.DEVNULL,
        stderr=stderr,
        cwd="/" if environment is not None else None,
        env=environment,
        pass_fds=(fd,),
        start_new_session=True,
    )
