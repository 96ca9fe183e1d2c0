"""PostgreSQL on a unix socket, with peer authentication and an unprivileged database owner."""

import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from app.embedded.account import Account
from app.embedded.binaries import Binaries
from app.embedded.errors import EmbeddedServerError
from app.embedded.process import SERVER_ENVIRONMENT, CaredProcess
from app.embedded.roles import DATABASE, allow_erasure, ensure_role_and_database, peer_rules
from app.embedded.stale import clear_stale_postmaster

SUPERUSER = "postgres"
SHARED_MEMORY_IN_USE = "pre-existing shared memory block"
OPTIONS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "shared_buffers": "64MB",
    "log_min_duration_statement": "1000",
    "cluster_name": "exhume",
    "wal_recycle": "off",  # a recycled segment keeps what was deleted
    "log_parameter_max_length": "0",  # parameters are names and keys
}


class Postgres:
    """The embedded database server.

    It is stopped with SIGINT, which rolls back open transactions and flushes data.
    """

    def __init__(
        self,
        binaries: Binaries,
        account: Account,
        *,
        data: Path,
        sockets: Path,
        logs: Path,
        options: Mapping[str, str] | None = None,
    ) -> None:
        self.process = CaredProcess("postgres", account=account, logs=logs, stop_signal=signal.SIGINT)
        self.data = data
        self._binaries = binaries
        self._account = account
        self.sockets = sockets
        self._options = OPTIONS | dict(options or {})

    @property
    def pg_dump(self) -> Path:
        """Return the path of the `pg_dump` of the same version."""
        return self._binaries.postgres_bin / "pg_dump"

    def url(self, database: str = "exhume", user: str = "exhume") -> str:
        """Return a libpq address.

        Our operating-system account decides which roles we may use (peer authentication).
        """
        return f"postgresql://{user}@/{database}?host={quote(str(self.sockets), safe='')}"

    def admin_url(self, database: str = "postgres") -> str:
        """Return the address of the superuser."""
        return self.url(database, SUPERUSER)

    def start(self) -> None:
        """Initialise if needed, clean up after a crash, and start the server without waiting."""
        if not self.data.exists():
            self._initialise()
        self._check_version()
        clear_stale_postmaster(self.data)
        for name, text in peer_rules(self._account.name).items():
            self._account.write(self.data / name, text)
        options = [f"--{name}={value}" for name, value in self._options.items()]
        postgres = self._binaries.postgres_bin / "postgres"
        self.process.start([postgres, "-D", self.data, "-k", self.sockets, *options])

    def wait_ready(self, patience: float = 60.0) -> None:
        """Return when the server accepts connections and our role and database exist."""
        until = time.monotonic() + patience
        size = self.process.log.stat().st_size
        while not self._accepts():
            if time.monotonic() > until:
                raise self.process.failure(f"was not ready within {patience:.0f} s")
            if not self.process.running:
                with self.process.log.open("rb") as log:
                    log.seek(min(size, log.seek(0, 2)))
                    message = log.read().decode(errors="replace")
                if SHARED_MEMORY_IN_USE not in message:
                    raise self.process.failure("ended during its start")
                time.sleep(0.3)  # backends of a killed postmaster are still stopping
                size = self.process.log.stat().st_size
                self.start()
            time.sleep(0.02)
        ensure_role_and_database(self.admin_url())
        allow_erasure(self.admin_url(DATABASE))

    def _accepts(self) -> bool:
        """Check what `pg_ctl -w` checks.

        Line 1 of postmaster.pid must be our process and line 8 must say `ready`.
        """
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return len(lines) >= 8 and lines[0] == str(self.process.pid) and lines[7].strip() == "ready"

    def _initialise(self) -> None:
        """Run initdb in a folder beside the final one. An interrupted run never looks complete."""
        for leftover in self.data.parent.glob(f"{self.data.name}.*.partial"):
            shutil.rmtree(leftover)
        partial = self.data.with_name(f"{self.data.name}.{secrets.token_hex(4)}.partial")
        self._account.make_private(partial)
        command: list[str | Path] = [self._binaries.postgres_bin / "initdb", "-D", partial, "-U", SUPERUSER]
        command += ["--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8", "--data-checksums"]
        command += ["--lc-collate=C", "--lc-ctype=C", "--auth=peer"]
        done = subprocess.run(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            env=SERVER_ENVIRONMENT,
            check=False,
            **self._account.popen_options(signal.SIGKILL),
        )
        if done.returncode != 0:
            raise EmbeddedServerError(f"initdb failed in {partial}:\n{done.stderr.strip() or done.stdout.strip()}")
        partial.rename(self.data)

    def _check_version(self) -> None:
        version_file = self.data / "PG_VERSION"
        if not version_file.exists():
            raise EmbeddedServerError(f"{self.data} is not a PostgreSQL data folder: move it away and start again")
        found = version_file.read_text().strip()
        if found != self._binaries.postgres_major:
            raise EmbeddedServerError(
                f"{self.data} was written by PostgreSQL {found}, but this installation has "
                f"{self._binaries.postgres_version}: start the Exhume version that made it and dump the database "
                "with pg_dump, or choose another folder with EXHUME_DATA_DIR"
            )
