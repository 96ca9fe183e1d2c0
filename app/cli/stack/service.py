"""A child process of the stack, restarted with growing pauses when it ends unexpectedly."""

import signal
import time
from pathlib import Path

from app.embedded.account import own_account
from app.embedded.process import CaredProcess

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
# A process that lived this long starts with the first pause again.
STEADY_SECONDS = 60.0


class Service:
    """`api`, `worker` or `scheduler`.

    If the supervisor dies, the kernel kills the process at once, which loses nothing. `name` is
    the name of its log. `command` starts it.
    """

    def __init__(
        self, name: str, command: list[str], environment: dict[str, str], logs: Path, *, to_terminal: bool
    ) -> None:
        self.name = name
        self._command = command
        self.process = CaredProcess(name, account=own_account(), logs=logs, death_signal=signal.SIGKILL)
        self._environment = environment
        self._to_terminal = to_terminal
        self._pause = FIRST_PAUSE
        self._started = 0.0
        self._again_at: float | None = None

    def start(self) -> None:
        """Start the process."""
        self._started = time.monotonic()
        self._again_at = None
        self.process.start(self._command, self._environment, to_terminal=self._to_terminal)

    def tend(self) -> str | None:
        """Detect an exit, and restart after the pause. Returns a message for the user, if any."""
        if self.process.running:
            return None
        now = time.monotonic()
        if self._again_at is None:
            self.process.end_group()
            if now - self._started > STEADY_SECONDS:
                self._pause = FIRST_PAUSE
            self._again_at = now + self._pause
            message = (
                f"{self.name} ended ({describe_exit(self.process.exit_code)}); restarting it in {self._pause:.0f} s"
            )
            self._pause = min(self._pause * 2, LONGEST_PAUSE)
            return f"{message}. Log: {self.process.log}"
        if now >= self._again_at:
            self.start()
        return None


def describe_exit(code: int | None) -> str:
    """Return `exit status 1` or `signal 9`."""
    if code is None:
        return "still running"
    return f"signal {-code}" if code < 0 else f"exit status {code}"
