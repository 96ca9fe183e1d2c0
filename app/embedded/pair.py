"""The two servers of a data folder, started and stopped together."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.embedded import lock
from app.embedded.account import Account, own_account, server_account
from app.embedded.binaries import find_binaries, usable_binaries
from app.embedded.errors import EmbeddedServerError
from app.embedded.postgres import Postgres
from app.embedded.sockets import socket_folder
from app.embedded.valkey import Valkey


@dataclass(frozen=True, kw_only=True)
class Servers:
    """The running servers.

    `restart_*` are for a supervisor whose server died and for fault tests.
    """

    account: Account
    postgres: Postgres | None
    valkey: Valkey | None

    @property
    def database_url(self) -> str:
        """Return the `DATABASE_URL` of the service's database."""
        return self._postgres().url()

    @property
    def redis_url(self) -> str:
        """Return the `REDIS_URL` of the broker."""
        return self._valkey().url

    def admin_url(self, database: str = "postgres") -> str:
        """Return the address of the database superuser."""
        return self._postgres().admin_url(database)

    def restart_postgres(self, *, crash: bool = False) -> None:
        """Stop PostgreSQL (with `crash` by SIGKILL) and start it again."""
        _restart(self._postgres(), crash=crash)

    def restart_valkey(self, *, crash: bool = False) -> None:
        """Stop Valkey (with `crash` by SIGKILL) and start it again."""
        _restart(self._valkey(), crash=crash)

    def revive(self) -> list[str]:
        """Start the servers that are not running and return their names."""
        revived = []
        for server in (self.postgres, self.valkey):
            if server is not None and not server.process.running:
                server.start()
                server.wait_ready()
                revived.append(server.process.name)
        return revived

    def _postgres(self) -> Postgres:
        if self.postgres is None:
            raise EmbeddedServerError("the embedded PostgreSQL is not in use: DATABASE_URL names another server")
        return self.postgres

    def _valkey(self) -> Valkey:
        if self.valkey is None:
            raise EmbeddedServerError("the embedded Valkey is not in use: REDIS_URL names another server")
        return self.valkey


@contextmanager
def servers(
    data_dir: Path,
    *,
    postgres: bool = True,
    valkey: bool = True,
    postgres_options: Mapping[str, str] | None = None,
) -> Iterator[Servers]:
    """Run the chosen servers on `data_dir` until the block ends.

    Raises `EmbeddedServerError` with advice on what to do.
    """
    data_dir = data_dir.resolve()
    account = server_account(data_dir) if postgres or valkey else own_account()
    prepare(data_dir, account)
    with lock.held(data_dir):
        running = _build(data_dir, account, postgres=postgres, valkey=valkey, options=postgres_options)
        chosen = [server for server in (running.valkey, running.postgres) if server is not None]
        try:
            for server in chosen:
                server.start()
            for server in chosen:
                server.wait_ready()
            yield running
        finally:
            for server in chosen:
                server.process.stop()


def prepare(data_dir: Path, account: Account) -> None:
    """Create the data folder, or raise if the servers' account cannot reach it.

    Parent folders are not changed.
    """
    try:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o711 if account.dropped else 0o700)
        if account.dropped and account.blocked_by(data_dir) == data_dir:
            data_dir.chmod(data_dir.stat().st_mode | 0o011)
        for name, mode in (("servers", 0o711), ("logs", 0o700)):
            (data_dir / name).mkdir(exist_ok=True)
            (data_dir / name).chmod(mode)
    except PermissionError as error:
        raise EmbeddedServerError(f"cannot write to {error.filename}: choose a folder with EXHUME_DATA_DIR") from error
    blocked = account.blocked_by(data_dir)
    if blocked is not None:
        raise EmbeddedServerError(
            f"the servers run as {account.name}, which may not enter {blocked}: choose a data folder outside it "
            "with EXHUME_DATA_DIR (for root the default is /var/lib/exhume)"
        )


def _build(
    data_dir: Path, account: Account, *, postgres: bool, valkey: bool, options: Mapping[str, str] | None
) -> Servers:
    if not postgres and not valkey:
        return Servers(account=account, postgres=None, valkey=None)
    binaries = usable_binaries(find_binaries(), account, data_dir)
    sockets = socket_folder(data_dir, account)
    logs, home, run = data_dir / "logs", data_dir / "servers", data_dir / "run"
    return Servers(
        account=account,
        postgres=Postgres(binaries, account, data=home / "postgres", sockets=sockets, logs=logs, options=options)
        if postgres
        else None,
        valkey=Valkey(binaries, account, data=home / "valkey", sockets=sockets, logs=logs, lock=run / "valkey.lock")
        if valkey
        else None,
    )


def _restart(server: Postgres | Valkey, *, crash: bool) -> None:
    if crash:
        server.process.kill()
    else:
        server.process.stop()
    server.start()
    server.wait_ready()
