"""Processes that die with their parent (Linux only; elsewhere nothing happens).

The kernel sends the signal when the *thread* that started the process ends. Start processes from a
thread that lives as long as they do: the main thread.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def die_with_parent(signal_number: int = signal.SIGKILL, parent: int | None = None) -> None:
    """Ask the kernel to send `signal_number` when the parent dies.

    Call it in the child, after any change of user. `parent` is the process id that the parent had
    before the fork. If the parent has already died, this process kills itself.
    """
    if _LIBC is None:
        return
    if _LIBC.prctl(PR_SET_PDEATHSIG, int(signal_number), 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) failed")
    if parent is not None and os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)
