"""Seccomp filter: denies sockets, new processes and programs, and access to others and the kernel.

It is a denylist, as the calls of torch differ by version and machine. Threads are allowed. Modes,
owners, times and attributes of files are denied here because Landlock does not cover them.
Source: linux/seccomp.h, linux/filter.h;
https://docs.kernel.org/userspace-api/seccomp_filter.html
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct

from worker.intake.sandbox.system_calls import DENIED, SPECIAL, Architecture

_LOAD, _EQUAL, _AT_LEAST, _BITS, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06  # BPF_LD+W+ABS, JEQ, JGE, JSET, RET
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_NUMBER, _ARCH, _ARGUMENT_0 = 0, 4, 16  # offsets in struct seccomp_data
_PR_SET_SECCOMP, _FILTER = 22, 2
_CLONE_THREAD = 0x00010000
_X32 = 0x40000000


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def restrict(libc: ctypes.CDLL) -> bool:
    """Install the filter. Return False on an unknown architecture or a kernel without seccomp."""
    machine = platform.machine()
    if machine not in DENIED:
        return False
    program = filter_program(machine, os.getpid())
    held = _Program(len(program) // 8, program)
    return int(libc.prctl(_PR_SET_SECCOMP, _FILTER, ctypes.byref(held), 0, 0)) == 0


def filter_program(machine: Architecture, pid: int) -> bytes:
    """Return the BPF program: 8 bytes per step (code, jump if true, jump if false, operand)."""
    clone, clone3, tgkill, prlimit = SPECIAL[machine]
    audit = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}[machine]
    steps = [
        (_LOAD, 0, 0, _ARCH),
        (_EQUAL, 1, 0, audit),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
        (_AT_LEAST, 0, 1, _X32),
        (_RETURN, 0, 0, _KILL),
        *_if_argument(clone, (_BITS, _CLONE_THREAD)),
        *_if_argument(tgkill, (_EQUAL, pid)),
        *_if_argument(prlimit, (_EQUAL, 0)),
        (_EQUAL, 0, 1, clone3),  # its flags are behind a pointer: glibc then uses clone
        (_RETURN, 0, 0, _ERRNO | errno.ENOSYS),
    ]
    for number in DENIED[machine]:
        steps += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _ERRNO | errno.EPERM)]
    steps.append((_RETURN, 0, 0, _ALLOW))
    return b"".join(struct.pack("<HBBI", *step) for step in steps)


def _if_argument(number: int, test: tuple[int, int]) -> list[tuple[int, int, int, int]]:
    """Allow the call only if its first argument passes the test. Other calls go on."""
    return [
        (_EQUAL, 0, 4, number),
        (_LOAD, 0, 0, _ARGUMENT_0),
        (test[0], 0, 1, test[1]),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _ERRNO | errno.EPERM),
    ]
