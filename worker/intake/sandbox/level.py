"""Level of protection that the sandbox reaches on this machine, measured once per process."""

from __future__ import annotations

import contextlib
import os
import socket
import tempfile
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from app.formats.limits import GIB, MIB
from app.formats.refusal import Refused
from worker.intake.sandbox.run import run_sandboxed
from worker.intake.sandbox.watching import SandboxLimits

_LIMITS = SandboxLimits(memory_bytes=GIB, seconds=30, cpu_seconds=20, file_bytes=MIB, disk_bytes=MIB)
_WORKS = "own files work"
_LIMITS_ALONE = frozenset({_WORKS, "bounded memory"})


@dataclass(frozen=True)
class SandboxLevel:
    """Result of the measurement.

    `name`: "full" if every promise is kept, "limits" if none that needs the kernel is, or
    "partial".
    """

    name: Literal["full", "partial", "limits"]
    promises: dict[str, bool]

    def to_dict(self) -> dict[str, Any]:
        """Return the form for the database, `/readyz` and `exhume doctor`."""
        return asdict(self)


@cache
def level() -> SandboxLevel:
    """Start a child that tries to break out, and measure how far it gets (about 0.3 s).

    Raises: RuntimeError if the sandbox does not run. No upload may be opened then.
    """
    with tempfile.TemporaryDirectory(prefix="exhume-sandbox-") as name, socket.socket() as listener:
        folder = Path(name)
        for part in ("input", "work", "others"):
            (folder / part).mkdir()
        (folder / "input" / "upload").write_bytes(b"x")
        (folder / "others" / "secret").write_bytes(b"x")
        with contextlib.suppress(OSError):  # without a loopback interface the probe cannot connect either
            listener.bind(("127.0.0.1", 0))
            listener.listen()
        request = {
            "secret": str(folder / "others" / "secret"),
            "host": "127.0.0.1",
            "port": listener.getsockname()[1],
            "parent": os.getpid(),
            "memory_bytes": 2 * GIB,
        }
        try:
            found = run_sandboxed(
                "worker.intake.sandbox.probes:promises",
                request,
                input_path=folder / "input" / "upload",
                work=folder / "work",
                limits=_LIMITS,
            )
        except Refused as refusal:
            raise RuntimeError(f"the sandbox for uploads does not run: {refusal}") from refusal
    kept = {str(k): v is True for k, v in found.items()}
    if not kept.get(_WORKS):
        raise RuntimeError(f"the sandbox for uploads does not work: {kept}")
    if all(kept.values()):
        return SandboxLevel("full", kept)
    return SandboxLevel("partial" if any(v for k, v in kept.items() if k not in _LIMITS_ALONE) else "limits", kept)
