"""What is in the database and in the folders of a service after its audits, and should not be."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from worker.job.scratch import PREFIX, is_abandoned

ARTIFACTS = "artifacts"
IN_MEMORY = Path("/dev/shm")
"""Where workers put decrypted files if they fit."""
SAMPLES = "prior-samples"
"""Pictures of a prior in training. Nothing is computed from them."""
DOUBLED = (
    "SELECT count(*) FROM (SELECT 1 FROM job_event WHERE kind = 'result' GROUP BY audit_id HAVING count(*) > 1) x",
    "SELECT count(*) FROM (SELECT 1 FROM reconstruction GROUP BY audit_id, source, attack, identity, seed, restart"
    " HAVING count(*) > 1) x",
    "SELECT count(*) FROM (SELECT 1 FROM job_event GROUP BY audit_id HAVING count(*) <> max(seq)) x",
)
ORPHANS = {
    "jobs": "SELECT count(*) FROM job WHERE state IN ('waiting', 'queued', 'running')",
    "leases": "SELECT count(*) FROM job WHERE lease_until IS NOT NULL",
    "reservations": "SELECT count(*) FROM reservation",
}


@contextmanager
def database(data: Path) -> Iterator[psycopg.Connection[Any]]:
    """Connect to the database of the service that runs in this folder."""
    url = json.loads((data / "run" / "up.json").read_text())["database_url"]
    with psycopg.connect(url.replace("postgresql+psycopg", "postgresql"), autocommit=True) as connection:
        yield connection


def number(connection: psycopg.Connection[Any], query: str) -> int:
    """Return the number that a query finds."""
    row = connection.execute(query.encode()).fetchone()
    return int(row[0]) if row else 0


def count_doubled(connection: psycopg.Connection[Any], audits: int) -> int:
    """Return how many audits there are beyond those asked for, and how many have results twice."""
    more = number(connection, "SELECT count(*) FROM audit") - audits
    return more + sum(number(connection, query) for query in DOUBLED)


def folders_in(data: Path) -> list[Path]:
    """Return the folders for temporary files that are left over, on disk and in memory.

    Those in memory may belong to another service on this machine. They count if no process holds
    them.
    """
    on_disk = [one for one in (data / "tmp").glob("exhume-*") if one.is_dir()]
    return on_disk + [one for one in IN_MEMORY.glob(f"{PREFIX}*") if is_abandoned(one)]


def unnamed(connection: psycopg.Connection[Any], store: Path) -> list[Path]:
    """Return the files of the store without a row."""
    known = {key for (key,) in connection.execute("SELECT object_key FROM artifact").fetchall()}
    files = [one for one in (store / ARTIFACTS).rglob("*") if one.is_file() and one.parent.name != SAMPLES]
    return [one for one in files if str(one.relative_to(store)) not in known]


def age(files: list[Path]) -> None:
    """Make files look old enough for the service to remove them."""
    then = time.time() - 3 * 86_400
    for file in files:
        os.utime(file, (then, then))


def orphans(connection: psycopg.Connection[Any], data: Path, store: Path) -> dict[str, int]:
    """Return what is left over after all audits have ended, by kind."""
    counts = {kind: number(connection, query) for kind, query in ORPHANS.items()}
    counts |= {"folders": len(folders_in(data)), "files": len(unnamed(connection, store))}
    return {kind: count for kind, count in counts.items() if count}
