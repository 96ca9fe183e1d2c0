"""A real `exhume up` under test, and its descendants."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import app

START_SECONDS = 60.0


def environment(data_dir: Path, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment of a user's shell, with any free port."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(data_dir),
        "PYTHONPATH": str(Path(app.__file__).parents[1]),
        "EXHUME_DATA_DIR": str(data_dir),
        "EXHUME_PORT": "0",
        "EXHUME_CHECKS_AT_ONCE": "1",
        "EXHUME_WARM_SANDBOX": "false",  # it costs seconds of processor time at each start
        **(extra or {}),
    }


def exhume(*arguments: str, data_dir: Path, **extra: str) -> subprocess.CompletedProcess[str]:
    """Run one command until it ends."""
    return subprocess.run(
        [sys.executable, "-P", "-m", "app.cli", *arguments],
        env=environment(data_dir, extra),
        capture_output=True,
        text=True,
        check=False,
        timeout=90,
    )


@dataclass
class Stack:
    """A started stack: its output and the time until it was ready."""

    process: subprocess.Popen[str]
    data_dir: Path
    lines: list[str]

    @property
    def url(self) -> str:
        return self.lines[0].split()[4]

    @property
    def sign_in_url(self) -> str:
        return self.lines[1].split()[-1]

    @property
    def state(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.data_dir / "run" / "up.json").read_text())
        return found

    @property
    def key(self) -> str:
        """The administrator's key for the local command line."""
        return (self.data_dir / "run" / "admin.key").read_text().strip()

    def descendants(self) -> dict[int, str]:
        """Return every descendant process with its command line."""
        return below(self.process.pid)

    def stop(self, signal_number: int = signal.SIGINT) -> int:
        """Send a signal and return the exit code."""
        self.process.send_signal(signal_number)
        return self.process.wait(60)


@contextmanager
def up(data_dir: Path, *, python: str = sys.executable, options: Any = None, **extra: str) -> Iterator[Stack]:
    """Start `exhume up` and wait for its output. It is killed at the end if it still runs."""
    process = subprocess.Popen(
        [python, "-P", "-m", "app.cli", "up"],
        **(options or {"env": environment(data_dir, extra)}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        first = process.stdout.readline()
        if not first:
            raise AssertionError(f"exhume up ended with {process.wait(30)}: {process.stderr.read()}")
        lines = [first, process.stdout.readline(), process.stdout.readline()]
        yield Stack(process=process, data_dir=data_dir, lines=lines)
    finally:
        processes = below(process.pid)
        process.kill()
        process.wait()
        left_over(processes, 5)
        process.stdout.close()
        process.stderr.close()


class Starts:
    """Starts of `exhume up` on one data folder, one after the other.

    A start costs seconds of processor time, so tests that leave a stack as it was share it.
    """

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self._open = ExitStack()
        self._stack: Stack | None = None

    def running(self) -> Stack:
        """Return the stack that runs, or start one."""
        if self._stack is None or self._stack.process.poll() is not None:
            return self.anew()
        return self._stack

    def anew(self, **extra: str) -> Stack:
        """End what runs and start a stack with these variables."""
        self.close()
        self._stack = self._open.enter_context(up(self.data_dir, **extra))
        return self._stack

    def close(self) -> None:
        """Stop what runs."""
        if self._stack is not None and self._stack.process.poll() is None:
            self._stack.stop()
        self._stack = None
        self._open.close()


def below(root: int) -> dict[int, str]:
    """Return the descendants of `root` according to the kernel."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except (FileNotFoundError, ProcessLookupError):
                continue
    found: set[int] = set()
    grown = {root}
    while grown:
        grown = {pid for pid, parent in parents.items() if parent in grown and pid not in found}
        found |= grown
    return {pid: command_line(pid) for pid in found}


def command_line(pid: int) -> str:
    """Return the command of a live process, or an empty text if it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def left_over(processes: Mapping[int, str], seconds: float) -> dict[int, str]:
    """Return those of `processes` that still run after at most `seconds`."""
    until = time.monotonic() + seconds
    while True:
        alive = {pid: line for pid, line in processes.items() if line and command_line(pid) == line}
        if not alive or time.monotonic() > until:
            return alive
        time.sleep(0.05)
