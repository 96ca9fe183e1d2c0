"""Dumps of the embedded database, made before its schema changes."""

import subprocess
from datetime import UTC, datetime
from pathlib import Path

from app.embedded.errors import EmbeddedServerError
from app.embedded.postgres import Postgres

KEPT = 5
OPTIONS = ("--format=custom", "--enable-row-security")
"""pg_dump rejects tables with row-level security otherwise. No policy hides a row from it."""


def dump(postgres: Postgres, folder: Path, label: str) -> Path:
    """Write `<folder>/<time>-<label>.dump` for pg_restore and keep only the five newest dumps."""
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{label}.dump"
    partial = path.with_suffix(".partial")
    command: list[str | Path] = [postgres.pg_dump, *OPTIONS, f"--file={partial}", f"--dbname={postgres.url()}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, umask=0o077)
    if done.returncode != 0:
        partial.unlink(missing_ok=True)
        raise EmbeddedServerError(
            f"could not save the database to {folder} before its migration, so nothing was changed: "
            f"{done.stderr.strip()}"
        )
    partial.replace(path)
    for old in sorted(folder.glob("*.dump"))[:-KEPT]:
        old.unlink()
    return path
