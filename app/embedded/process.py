"""A supervised child process, started from the main thread and killed only as a last resort."""

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from app.embedded.account import Account
from app.embedded.errors import EmbeddedServerError
from app.embedded.logs import open_log, tail

# The environment is clean because the caller's PG* variables and broken locales must not reach the
# servers.
SERVER_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


class CaredProcess:
    """A process, its log, and its signals for an orderly stop and for our own death.

    It leads a session, so Ctrl-C in the terminal reaches only us and its leftovers can be killed
    as a group.
    """

    def __init__(
        self,
        name: str,
        *,
        account: Account,
        logs: Path,
        stop_signal: signal.Signals = signal.SIGTERM,
        death_signal: signal.Signals | None = None,
    ) -> None:
        self.name = name
        self.account = account
        self.log = logs / f"{name}.log"
        self.stop_signal = stop_signal
        self.death_signal = death_signal or stop_signal
        self._popen: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Return the process id of the running or last process."""
        if self._popen is None:
            raise EmbeddedServerError(f"{self.name} was not started")
        return self._popen.pid

    @property
    def running(self) -> bool:
        """Tell whether the process is alive."""
        return self._popen is not None and self._popen.poll() is None

    @property
    def exit_code(self) -> int | None:
        """Return the exit code, negative for a signal, or None while the process runs."""
        return None if self._popen is None else self._popen.poll()

    def start(
        self,
        command: Sequence[str | Path],
        environment: Mapping[str, str] = SERVER_ENVIRONMENT,
        *,
        to_terminal: bool = False,
        keep_open: Sequence[int] = (),
    ) -> None:
        """Start the binary.

        It dies with the calling thread, so only the main thread may call this. The process
        inherits the descriptors in `keep_open`.
        """
        if threading.current_thread() is not threading.main_thread():
            raise EmbeddedServerError(f"{self.name} must be started from the main thread: it dies with its thread")
        with open_log(self.log.parent, self.name) as log:
            self._popen = subprocess.Popen(
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=None if to_terminal else log,
                stderr=None if to_terminal else log,
                env=dict(environment),
                pass_fds=keep_open,
                **self.account.popen_options(self.death_signal),
            )

    def ask_to_stop(self) -> None:
        """Send the stop signal without waiting."""
        if self._popen is not None and self._popen.poll() is None:
            self._popen.send_signal(self.stop_signal)

    def stop(self, *, patience: float = 20.0) -> None:
        """Stop the process, and kill it after `patience` seconds.

        Does nothing if it is not running.
        """
        self.ask_to_stop()
        self.wait_or_kill(patience)

    def wait_or_kill(self, patience: float) -> None:
        """Wait for the process to end, and kill it after `patience` seconds."""
        if self._popen is None:
            return
        try:
            self._popen.wait(patience)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """Kill the process at once, as a crash would."""
        if self._popen is not None:
            self._popen.kill()
            self._popen.wait()

    def end_group(self) -> None:
        """Kill what is left of an ended process's group, such as the pool of a killed worker."""
        if self._popen is not None and self._popen.poll() is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._popen.pid, signal.SIGKILL)

    def failure(self, what: str) -> EmbeddedServerError:
        """Return an error that contains the end of the log."""
        return EmbeddedServerError(f"{self.name} {what}; the end of {self.log}:\n{tail(self.log)}")
