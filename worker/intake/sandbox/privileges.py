"""Dropping of rights: capabilities, and the network and message queues of the machine."""

from __future__ import annotations

import ctypes
import struct
from pathlib import Path

_PR_SET_NO_NEW_PRIVS, _PR_CAPBSET_DROP, _PR_CAP_AMBIENT, _CLEAR_ALL = 38, 24, 47, 4
_NEW_USER, _NEW_NET, _NEW_IPC, _NEW_UTS = 0x10000000, 0x40000000, 0x08000000, 0x04000000
_CAPABILITY_VERSION_3 = 0x20080522


def leave_network(libc: ctypes.CDLL) -> bool:
    """Move into an empty network namespace: directly as root, otherwise by a user namespace."""
    wanted = _NEW_NET | _NEW_IPC | _NEW_UTS
    return any(libc.unshare(flags) == 0 for flags in (wanted, wanted | _NEW_USER))


def drop_capabilities(libc: ctypes.CDLL) -> bool:
    """Drop every capability for good. Afterwards root is only the owner of root's files."""
    libc.prctl(_PR_CAP_AMBIENT, _CLEAR_ALL, 0, 0, 0)
    for capability in range(64):
        libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)
    libc.capset(struct.pack("<Ii", _CAPABILITY_VERSION_3, 0), bytes(24))
    status = Path("/proc/self/status").read_text()
    return "CapEff:\t0000000000000000" in status


def refuse_new_privileges(libc: ctypes.CDLL) -> bool:
    """Prevent set-user-id and other programs from giving this process more rights."""
    return int(libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) == 0
