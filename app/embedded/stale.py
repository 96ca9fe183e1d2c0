"""Cleanup of a PostgreSQL data folder after a crash: a stale lock file or a live postmaster."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from app.embedded.errors import EmbeddedServerError

# Time for a postmaster whose supervisor died to flush and exit.
LEAVING_SECONDS = 10.0
FAST_SECONDS = 20.0


def clear_stale_postmaster(data: Path) -> None:
    """End a postmaster that still serves `data`, and remove a lock file that is stale.

    The caller holds the supervisor's lock, so no other supervisor owns such a postmaster.
    """
    pid = postmaster_pid(data)
    if pid is None:
        return
    if not serves(pid, data):
        (data / "postmaster.pid").unlink(missing_ok=True)
        return
    if _gone(pid, data, LEAVING_SECONDS / 5):
        return
    for signal_number, patience in ((signal.SIGINT, FAST_SECONDS), (signal.SIGQUIT, LEAVING_SECONDS)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal_number)
        if _gone(pid, data, patience):
            return
    raise EmbeddedServerError(f"PostgreSQL process {pid} still serves {data} and does not stop: end it and try again")


def postmaster_pid(data: Path) -> int | None:
    """Return the process id in `postmaster.pid`, or None."""
    try:
        return int((data / "postmaster.pid").read_text().split(maxsplit=1)[0])
    except (FileNotFoundError, IndexError, ValueError):
        return None


def serves(pid: int, data: Path) -> bool:
    """Tell whether process `pid` is a postmaster of `data`. The id may have been reused."""
    if sys.platform == "linux":
        process = Path("/proc") / str(pid)
        try:
            return (process / "cwd").readlink() == data.resolve() and b"postgres" in (process / "cmdline").read_bytes()
        except (FileNotFoundError, PermissionError, ProcessLookupError):
            return False
    shown = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return "postgres" in shown.stdout and str(data) in shown.stdout


def _gone(pid: int, data: Path, patience: float) -> bool:
    until = time.monotonic() + patience
    while serves(pid, data):
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True
