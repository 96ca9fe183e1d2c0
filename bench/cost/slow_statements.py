"""Statements that take long, with their plans, as PostgreSQL's own auto_explain logs them."""

from __future__ import annotations

import re
from pathlib import Path

import psycopg
from psycopg import sql

MILLISECONDS = 20
PLAN = re.compile(r"duration: ([0-9.]+) ms\s+plan:\n((?:\t.*\n?)+)")


def watch(database_url: str) -> None:
    """Log the plan of every statement over 20 ms in connections that begin from now on.

    Ends the present connections, so that the service makes new ones. These settings need the
    superuser of the embedded server, who has the same account.
    """
    with psycopg.connect(database_url, user="postgres", autocommit=True) as connection:
        name = sql.Identifier(connection.info.dbname)
        for setting, value in {
            "session_preload_libraries": "auto_explain",
            "auto_explain.log_min_duration": f"{MILLISECONDS}ms",
            "auto_explain.log_parameter_max_length": "0",
        }.items():
            setting_name = sql.SQL(".").join(map(sql.Identifier, setting.split(".")))
            connection.execute(sql.SQL("ALTER DATABASE {} SET {} = {}").format(name, setting_name, sql.Literal(value)))
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid != pg_backend_pid()"
        )


def slowest(log: Path, begin: int = 0) -> list[tuple[float, str]]:
    """Return the slowest run of each statement in the log from this byte on, with its plan."""
    found: dict[str, tuple[float, str]] = {}
    with log.open("rb") as file:
        file.seek(begin)
        text = file.read().decode(errors="replace")
    for milliseconds, plan in PLAN.findall(text):
        query = plan.partition("\n")[0]
        found[query] = max(found.get(query, (0.0, "")), (float(milliseconds), plan))
    return sorted(found.values(), reverse=True)
