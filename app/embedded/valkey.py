"""Valkey on a unix socket: append-only file, no eviction, a new password at each start."""

import secrets
import signal
import socket
import time
from pathlib import Path

from app.embedded.account import Account
from app.embedded.binaries import Binaries
from app.embedded.broker import unix_url
from app.embedded.occupied import occupied
from app.embedded.process import CaredProcess

CONFIGURATION = """\
port 0
unixsocket "{socket}"
unixsocketperm 700
dir "{data}"
daemonize no
requirepass {password}
appendonly yes
appendfsync everysec
save ""
maxmemory-policy noeviction
"""


class Valkey:
    """The embedded broker."""

    def __init__(
        self, binaries: Binaries, account: Account, *, data: Path, sockets: Path, logs: Path, lock: Path
    ) -> None:
        self.process = CaredProcess("valkey", account=account, logs=logs, stop_signal=signal.SIGTERM)
        self._binary = binaries.valkey_server
        self._account = account
        self._data = data
        self._socket = sockets / "valkey.sock"
        self._lock = lock
        self._password = secrets.token_hex(16)

    @property
    def url(self) -> str:
        """Return the address for `REDIS_URL`."""
        return unix_url(str(self._socket), self._password)

    def start(self) -> None:
        """Wait for a dead supervisor's server to exit, then start ours without waiting."""
        self._account.make_private(self._data)
        text = CONFIGURATION.format(socket=self._socket, data=self._data, password=self._password)
        with occupied(self._lock, "Valkey") as place:
            configuration = self._account.write(self._data / "valkey.conf", text)
            self.process.start([self._binary, configuration], keep_open=[place.descriptor])
            place.record_pid(self.process.pid)

    def wait_ready(self, patience: float = 15.0) -> None:
        """Return when the server answers PING.

        Raises `EmbeddedServerError` if it ends or stays silent.
        """
        until = time.monotonic() + patience
        while not self._pings():
            if not self.process.running:
                raise self.process.failure("ended during its start")
            if time.monotonic() > until:
                raise self.process.failure(f"did not answer within {patience:.0f} s")
            time.sleep(0.01)

    def _pings(self) -> bool:
        """Send AUTH and PING in plain RESP.

        Returns false while the socket is absent or the append-only file is loading.
        """
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(1.0)
                connection.connect(str(self._socket))
                connection.sendall(f"AUTH {self._password}\r\nPING\r\n".encode())
                answer = b""
                while answer.count(b"\r\n") < 2 and (part := connection.recv(256)):
                    answer += part
        except OSError:
            return False
        return answer == b"+OK\r\n+PONG\r\n"
