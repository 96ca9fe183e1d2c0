"""Real processes for fault tests: workers, scheduler and API, started and killed singly."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from app.cli.stack import commands


class Stack:
    """Processes with one environment and a log file each. They are killed at the end."""

    def __init__(self, environment: dict[str, str], logs: Path) -> None:
        self.environment = commands.environment(environment)
        self.logs = logs
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str) -> subprocess.Popen[bytes]:
        """Start `api`, `worker` or `scheduler` as `exhume up` does."""
        with (self.logs / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                commands.command(name), env=self.environment, cwd=self.logs, stdout=log, stderr=log
            )
        self.running[name] = process
        return process

    def check(self) -> None:
        """Fail with the log of a process that has ended unexpectedly."""
        for name, process in self.running.items():
            assert process.poll() is None, f"{name} ended with {process.returncode}:\n{self.log(name)[-2000:]}"

    def kill(self, name: str) -> None:
        """Send SIGKILL."""
        process = self.running.pop(name)
        process.kill()
        process.wait(10)

    def stop(self, name: str, seconds: float = 20) -> int:
        """Send SIGTERM and return the exit code."""
        process = self.running.pop(name)
        process.terminate()
        return process.wait(seconds)

    def log(self, name: str) -> str:
        return (self.logs / f"{name}.log").read_text(errors="replace")

    def close(self) -> None:
        for name in list(self.running):
            self.kill(name)


def children(pid: int) -> list[int]:
    """Return the child processes of this process (Linux)."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def kill_child(pid: int) -> int:
    """Send SIGKILL to the one process that computes."""
    (child,) = [child for child in children(pid) if b"spawn_main" in command_line(child)]
    os.kill(child, signal.SIGKILL)
    return child


def command_line(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()


def until(condition: Callable[[], bool], what: str, seconds: float = 300) -> None:
    """Wait for a condition, and fail with its name if it does not become true."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds:.0f} s in vain for {what}"
        time.sleep(0.1)
