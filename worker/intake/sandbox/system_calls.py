"""Numbers of the system calls that the sandbox denies (asm/unistd_64.h, asm-generic/unistd.h)."""

from __future__ import annotations

from typing import Final

Architecture = str

_X86_64: Final = {
    "network": (41, 42, 43, 44, 46, 49, 50, 53, 288, 307),
    "processes": (57, 58, 59, 322),
    "signals": (62, 129, 200, 297),
    "other processes": (101, 310, 311, 312),
    "namespaces and mounts": (155, 161, 165, 166, 272, 308),
    "kernel": (103, 135, 153, 154, 163, 167, 168, 169, 172, 173, 175, 176, 179, 246, 298, 313, 320, 321, 323),
    "clock and names": (159, 164, 170, 171, 227, 305),
    "keys": (248, 249, 250),
    "shared memory and queues": (29, 30, 31, 64, 65, 66, 68, 69, 70, 71, 220, 240),
    "files past their path": (133, 259, 303, 304),
    "modes, owners, times, attributes": (
        90,
        91,
        92,
        93,
        94,
        132,
        188,
        189,
        190,
        197,
        198,
        199,
        235,
        260,
        261,
        268,
        280,
    ),
    "priorities of others": (141, 142, 144, 203, 251, 256, 279, 314),
}
_AARCH64: Final = {
    "network": (198, 199, 200, 201, 202, 203, 206, 211, 242, 269),
    "processes": (221, 281),
    "signals": (129, 130, 138, 240),
    "other processes": (117, 270, 271, 272),
    "namespaces and mounts": (39, 40, 41, 51, 97, 268),
    "kernel": (60, 89, 92, 104, 105, 106, 116, 142, 224, 225, 241, 273, 280, 282, 294),
    "clock and names": (112, 161, 162, 170, 171, 266),
    "keys": (217, 218, 219),
    "shared memory and queues": (180, 186, 187, 188, 189, 190, 191, 192, 193, 194, 195, 196),
    "files past their path": (33, 264, 265),
    "modes, owners, times, attributes": (5, 6, 7, 14, 15, 16, 52, 53, 54, 55, 88),
    "priorities of others": (30, 118, 119, 122, 140, 238, 239, 274),
}
_EVERYWHERE: Final = (
    *(424, 434, 438),  # pidfd_send_signal, pidfd_open, pidfd_getfd
    *(425, 426, 427),  # io_uring
    *(428, 429, 430, 431, 432, 433, 442),  # open_tree, move_mount, fsopen, fsconfig, fsmount, fspick, mount_setattr
    *(
        440,
        443,
        448,
        452,
        463,
        466,
        467,
    ),  # process_madvise, quotactl_fd, process_mrelease, fchmodat2, xattr, open_tree_attr
)

DENIED: Final[dict[Architecture, tuple[int, ...]]] = {
    "x86_64": (*sorted(n for group in _X86_64.values() for n in group), *_EVERYWHERE),
    "aarch64": (*sorted(n for group in _AARCH64.values() for n in group), *_EVERYWHERE),
}
SPECIAL: Final[dict[Architecture, tuple[int, int, int, int]]] = {
    "x86_64": (56, 435, 234, 302),
    "aarch64": (220, 435, 131, 261),
}
"""clone, clone3, tgkill, prlimit64: allowed depending on their first argument."""
