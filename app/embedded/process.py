"""One server process under our care: started from the main thread, asked to stop, killed only if it must be."""

import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from app.embedded.account import Account
from app.embedded.errors import EmbeddedServerError
from app.embedded.logs import open_log, tail

# A clean environment: the caller's PG* variables and broken locales must not reach the servers.
SERVER_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


class ServerProcess:
    """A server binary, its log, and the signal that ends it in good order."""

    def __init__(self, name: str, *, account: Account, logs: Path, stop_signal: signal.Signals) -> None:
        self.name = name
        self.account = account
        self.log = logs / f"{name}.log"
        self.stop_signal = stop_signal
        self._popen: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Process id of the running (or last) server."""
        if self._popen is None:
            raise EmbeddedServerError(f"{self.name} was not started")
        return self._popen.pid

    @property
    def running(self) -> bool:
        """True while the process lives."""
        return self._popen is not None and self._popen.poll() is None

    def start(self, command: Sequence[str | Path], environment: Mapping[str, str] = SERVER_ENVIRONMENT) -> None:
        """Start the binary. It dies with this process, so only the main thread may call this."""
        if threading.current_thread() is not threading.main_thread():
            raise EmbeddedServerError(f"{self.name} must be started from the main thread: it dies with its thread")
        with open_log(self.log.parent, self.name) as log:
            self._popen = subprocess.Popen(
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=dict(environment),
                **self.account.popen_options(self.stop_signal),
            )

    def stop(self, *, patience: float = 20.0) -> None:
        """End the process in good order, after `patience` seconds by force. Does nothing when it is not running."""
        if self._popen is None or self._popen.poll() is not None:
            return
        self._popen.send_signal(self.stop_signal)
        try:
            self._popen.wait(patience)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End the process at once, as a crash would."""
        if self._popen is not None:
            self._popen.kill()
            self._popen.wait()

    def failure(self, what: str) -> EmbeddedServerError:
        """An error that shows the end of the log."""
        return EmbeddedServerError(f"{self.name} {what}; the end of {self.log}:\n{tail(self.log)}")
