"""A service for the length of a run, started as an operator starts it: with `exhume up`."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import httpx

from exhume import Client


@dataclass(frozen=True)
class Service:
    """A running service: a client with its administrator's key, and its processes by name."""

    client: Client
    key: str
    pids: dict[str, int]


@contextmanager
def serving(folder: Path, settings: dict[str, str] | None = None) -> Iterator[Service]:
    """Run `exhume up` in an empty folder on a free port for the length of the block.

    A program that is terminated ends it, too.
    """
    signal.signal(signal.SIGTERM, _end)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("EXHUME_")}
    environment |= {"EXHUME_DATA_DIR": str(folder), "EXHUME_PORT": "0"} | (settings or {})
    command = [sys.executable, "-P", "-m", "app.cli", "up"]
    with (folder / "up.log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT)
    try:
        published, secret = folder / "run" / "up.json", folder / "run" / "admin.key"
        wait_until(lambda: published.exists() or process.poll() is not None)
        if process.poll() is not None:
            raise SystemExit((folder / "up.log").read_text())
        state, key = json.loads(published.read_text()), secret.read_text().strip()
        wait_until(lambda: _ready(state["url"]))
        with Client(state["url"], key) as client:
            yield Service(client, key, state["pids"])
    finally:
        process.terminate()
        process.wait(60)


def _end(number: int, frame: FrameType | None) -> None:
    sys.exit(128 + number)


def wait_until(holds: Callable[[], bool], seconds: float = 120) -> None:
    """Wait until a condition holds. End the program after this many seconds."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise SystemExit("the service did not answer as expected in time")
        time.sleep(0.1)


def _ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz", trust_env=False).is_success
    except httpx.TransportError:
        return False


def resident_mib(pid: int) -> float:
    """Return the resident memory of a process in MiB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024
