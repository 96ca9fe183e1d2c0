"""Landlock: restricts this process to the given paths. Needs no privileges.

Source: linux/landlock.h; https://docs.kernel.org/userspace-api/landlock.html (kernel 5.13 for
files, 6.7 for TCP, 6.12 for signals and abstract sockets).
"""

from __future__ import annotations

import ctypes
import os
import stat
import struct
from collections.abc import Iterable
from pathlib import Path

_CREATE, _ADD, _RESTRICT = 444, 445, 446  # the same on every architecture
_WRITE, _READ, _READ_DIR, _REMOVE_FILE = 1 << 1, 1 << 2, 1 << 3, 1 << 5
_MAKE_REG, _TRUNCATE, _IOCTL = 1 << 8, 1 << 14, 1 << 15
_OF_FILES = _WRITE | _READ | _TRUNCATE | _IOCTL
_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15}  # number of file rights by version; 16 since version 5
READ_ONLY = _READ | _READ_DIR
SCRATCH = READ_ONLY | _WRITE | _REMOVE_FILE | _MAKE_REG | _TRUNCATE
"""Plain files only: a deep tree of folders would be expensive to delete."""


def abi(libc: ctypes.CDLL) -> int:
    """Return the version of Landlock in this kernel, or 0 if there is none."""
    return max(0, int(libc.syscall(_CREATE, None, 0, 1)))


def restrict(libc: ctypes.CDLL, read: Iterable[str], scratch: Iterable[str]) -> int:
    """Allow reading `read` and writing `scratch`. Deny executing files, TCP and signals to others.

    Return the version in force, or 0 if the kernel has none. `no_new_privs` must be set before.
    """
    version = abi(libc)
    if not version:
        return 0
    handled = (1 << _RIGHTS.get(version, 16)) - 1
    rules = struct.pack("<3Q", handled, 0b11, 0b11)[: 8 if version < 4 else 16 if version < 6 else 24]
    ruleset = _call(libc, _CREATE, rules, len(rules), 0)
    try:
        for paths, rights in ((read, READ_ONLY), (scratch, SCRATCH)):
            for path in paths:
                _allow(libc, ruleset, path, rights & handled)
        _call(libc, _RESTRICT, ruleset, 0)
    finally:
        os.close(ruleset)
    return version


def _allow(libc: ctypes.CDLL, ruleset: int, path: str, rights: int) -> None:
    if not Path(path).exists():
        return
    handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        if not stat.S_ISDIR(os.fstat(handle).st_mode):
            rights &= _OF_FILES
        _call(libc, _ADD, ruleset, 1, struct.pack("<Qi", rights, handle), 0)
    finally:
        os.close(handle)


def _call(libc: ctypes.CDLL, number: int, *arguments: object) -> int:
    result = int(libc.syscall(number, *arguments))
    if result < 0:
        raise OSError(ctypes.get_errno(), f"landlock: system call {number} failed")
    return result
