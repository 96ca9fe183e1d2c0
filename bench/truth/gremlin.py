"""Faults in a random order: processes that die or hang, connections, disks, artifacts, clocks."""

from __future__ import annotations

import json
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psycopg

from bench.truth.leftovers import ARTIFACTS, SAMPLES, database

JUMP = """
    UPDATE job SET lease_until = lease_until - moved.by, not_before = not_before - moved.by,
        published_at = published_at - moved.by
    FROM (SELECT make_interval(secs => %(seconds)s) AS by) moved WHERE state IN ('queued', 'running')
"""
HUNG_SECONDS = 9.0
"""Longer than the lease that the run sets."""


class Gremlin:
    """Does one fault after another. `small`: the store is on a small file system of its own."""

    def __init__(self, data: Path, store: Path, *, seed: int, small: bool) -> None:
        self.data, self.store, self._random = data, store, random.Random(seed)
        self.done: Counter[str] = Counter()
        self._next: list[str] = []
        self._faults: dict[str, Callable[[], bool]] = {
            "worker killed": lambda: self._kill("worker"),
            "worker child killed": lambda: self._kill("worker", child=True),
            "worker stopped": lambda: self._hang("worker", child=True),
            "API killed": lambda: self._kill("api"),
            "scheduler killed": lambda: self._kill("scheduler"),
            "scheduler stopped": lambda: self._hang("scheduler"),
            "broker killed": lambda: self._kill("valkey"),
            "broker stopped": lambda: self._hang("valkey"),
            "database crashed": lambda: self._backend(signal.SIGKILL),
            "connection dropped": lambda: self._backend(signal.SIGTERM),
            "connection delayed": lambda: self._backend(signal.SIGSTOP),
            "bit flipped": self._flip,
            "artifact deleted": self._delete,
            "clock forward": lambda: self._jump(3600),
            "clock back": lambda: self._jump(-20),
        }
        if small:
            self._faults["disk full"] = self._fill

    def act(self) -> str:
        """Do one fault and return its name. One that cannot be done now is put off."""
        while True:
            if not self._next:
                self._next = sorted(self._faults)
                self._random.shuffle(self._next)
            name = self._next.pop()
            if self._faults[name]():
                self.done[name] += 1
                return name
            time.sleep(0.1)

    def restart_scheduler(self) -> None:
        """Kill the scheduler, which sweeps the store when it is started again."""
        self._kill("scheduler")

    def _pids(self, name: str) -> list[int]:
        """Return the processes of this kind, by their command lines below the stack."""
        words = {
            "worker": b"worker\0--queues\0exhume\0",
            "api": b"processes.api",
            "scheduler": b"processes.scheduler",
            "valkey": b"valkey-server",
        }
        return [pid for pid in below(self._stack()) if words[name] in command_line(pid)]

    def _stack(self) -> int:
        return int(json.loads((self.data / "run" / "up.json").read_text())["pid"])

    def _chosen(self, name: str, *, child: bool) -> int | None:
        found = self._pids(name)
        if not child:
            return found[0] if found else None
        inner = [pid for parent in found for pid in below(parent) if b"spawn_main" in command_line(pid)]
        return inner[0] if inner else None

    def _kill(self, name: str, *, child: bool = False) -> bool:
        pid = self._chosen(name, child=child)
        return pid is not None and _send(pid, signal.SIGKILL)

    def _hang(self, name: str, *, child: bool = False) -> bool:
        pid = self._chosen(name, child=child)
        if pid is None or not _send(pid, signal.SIGSTOP):
            return False
        time.sleep(HUNG_SECONDS)
        return _send(pid, signal.SIGCONT) or True

    def _backend(self, number: signal.Signals) -> bool:
        """Signal one of PostgreSQL's processes for a connection."""
        found = [pid for pid in below(self._stack()) if command_line(pid).startswith(b"postgres: ")]
        ours = [pid for pid in found if b"idle" in command_line(pid) or b"SELECT" in command_line(pid)]
        if not ours:
            return False
        pid = self._random.choice(ours)
        if not _send(pid, number):
            return False
        if number is signal.SIGSTOP:
            time.sleep(3)
            _send(pid, signal.SIGCONT)
        return True

    def _artifact(self) -> Path | None:
        files = [
            file for file in (self.store / ARTIFACTS).glob("*/*/*") if file.is_file() and file.parent.name != SAMPLES
        ]
        return self._random.choice(sorted(files)) if files else None

    def _flip(self) -> bool:
        file = self._artifact()
        if file is None:
            return False
        with suppress(FileNotFoundError), file.open("r+b") as content:
            size = file.stat().st_size
            place = self._random.randrange(max(1, size))
            content.seek(place)
            byte = content.read(1)
            content.seek(place)
            content.write(bytes([byte[0] ^ (1 << self._random.randrange(8))]) if byte else b"")
            return bool(byte)
        return False

    def _delete(self) -> bool:
        file = self._artifact()
        if file is None:
            return False
        file.unlink(missing_ok=True)
        return True

    def _jump(self, seconds: float) -> bool:
        """Change the times of unfinished jobs, as a jump of the database's clock would.

        Forward, all leases and pauses end at once. Backward, they last longer.
        """
        with suppress(psycopg.Error), database(self.data) as connection:
            connection.execute(JUMP, {"seconds": seconds})
            return True
        return False

    def _fill(self) -> bool:
        """Fill the small file system of the store for some seconds."""
        filler = self.store / "filler"
        try:
            with suppress(OSError), filler.open("wb") as file:
                while True:
                    file.write(bytes(2**20))
            time.sleep(8)
        finally:
            filler.unlink(missing_ok=True)
        return True


def below(pid: int) -> Iterator[int]:
    """Yield all descendants of a process (Linux)."""
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in map(int, (task / "children").read_text().split()):
                yield child
                yield from below(child)


def command_line(pid: int) -> bytes:
    """Return the command line of a process. Empty if it has ended."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


def _send(pid: int, number: signal.Signals) -> bool:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True
