"""Probes that try forbidden actions inside the sandbox and report the outcome."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any


def promises(input_path: str, work: str, request: dict[str, Any]) -> dict[str, Any]:
    """Return `{promise: kept}`.

    `request`: a `secret` that only the parent may read, the parent's pid, and a port to connect
    to.
    """
    secret = Path(request["secret"])
    return {
        "no network": _denied(lambda: socket.create_connection((request["host"], request["port"]), timeout=2).close()),
        "no other processes": _denied(_fork),
        "no programs": _denied(lambda: os.execv("/nonexistent", ["x"]), missing=False),  # noqa: S606
        "no signals to others": _denied(lambda: os.kill(request["parent"], 0)),
        "no files of others": _denied(secret.read_bytes),
        "no writing outside": _denied(secret.with_name("written").touch),
        "bounded memory": _denied(lambda: bytearray(request["memory_bytes"])),
        "own files work": not _denied((Path(work) / "own").touch) and not _denied(Path(input_path).read_bytes),
    }


def _fork() -> None:
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)


def _denied(attempt: Callable[[], object], *, missing: bool = True) -> bool:
    """Return whether the attempt fails. With missing=False, "no such file" is not a failure."""
    try:
        attempt()
    except FileNotFoundError:
        return missing
    except (OSError, MemoryError):
        return True
    return False
