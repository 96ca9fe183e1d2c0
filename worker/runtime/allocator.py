"""What the C library does with memory that is freed (glibc only; elsewhere nothing changes).

By default, glibc returns large blocks to the kernel, which clears their pages again at the next
use. A network frees and allocates the same large blocks in every step. `bench.cost.kept_memory`
measures what it saves to keep them.
"""

import ctypes

_LIBC = ctypes.CDLL(None)
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
_KEPT = 2**30
"""Blocks of up to this many bytes are kept, and twice as much free memory altogether."""


def keep_freed_memory() -> bool:
    """Keep memory that is freed for the next allocation. Return False without glibc."""
    if not hasattr(_LIBC, "mallopt"):
        return False
    return bool(_LIBC.mallopt(_M_MMAP_THRESHOLD, _KEPT) and _LIBC.mallopt(_M_TRIM_THRESHOLD, 2 * _KEPT - 1))


def return_freed_memory() -> None:
    """Return all whole pages of freed memory to the kernel."""
    if hasattr(_LIBC, "malloc_trim"):
        _LIBC.malloc_trim(0)
