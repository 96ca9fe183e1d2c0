"""Nothing of a test is left in the database of the next one, which may be the same database."""

from collections.abc import Iterator
from typing import LiteralString

import psycopg
import pytest
from psycopg import sql

from tests.databases import Databases
from tests.embedded_servers import TestServers

COLUMNS: LiteralString = """
SELECT table_name, array_agg(column_name::text), array_agg(data_type::text) FROM information_schema.columns
WHERE table_schema = 'public' AND table_name <> 'alembic_version'
  AND (is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO'
       OR (table_name, column_name) IN (('upload', 'release_id'), ('job', 'audit_id')))
GROUP BY 1
"""
VALUES: dict[str, LiteralString] = {
    **{"uuid": "gen_random_uuid()", "jsonb": "'{}'", "timestamp with time zone": "now()", "bytea": "''"},
    **{"integer": "1", "bigint": "1", "double precision": "0.5", "boolean": "true"},
    **{"character varying": "'x'", "text": "'x'", "ARRAY": "'{}'"},
    **{"job.state": "'queued'", "decision.outcome": "'pass'", "decision.cause": "'audit'"},
    **{"source.kind": "'https'", "schedule_run.trigger": "'cron'", "webhook.format": "'slack'"},
    **{"schedule.active": "false", "membership.role": "'viewer'", "invitation.role": "'viewer'"},
}
MORE: dict[str, dict[str, LiteralString]] = {
    "signing_key": {"retired_at": "now()"},
    "waiver": {"rule": "'EXH001'"},
}
"""Columns with a default that a constraint does not accept."""
CHANGES: tuple[LiteralString, ...] = (
    "ALTER TABLE audit_log_entry DISABLE TRIGGER USER",
    "ALTER TABLE project DISABLE TRIGGER ALL",
    "ALTER TABLE project ADD COLUMN kept int",
    "ALTER TABLE project ALTER COLUMN name SET DEFAULT 'kept'",
    "GRANT SELECT (name) ON project TO pg_monitor",
    "ALTER TABLE release DROP CONSTRAINT uq_release_target_id_version",
    "DROP INDEX ix_release_sha256",
    "CREATE TABLE kept AS SELECT 1 AS value",
    "CREATE SCHEMA kept",
    "GRANT CREATE ON SCHEMA public TO pg_monitor",
    "CREATE FUNCTION kept() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
    "UPDATE alembic_version SET version_num = 'kept'",
    "SELECT lo_create(0)",
)


@pytest.fixture
def databases(servers: TestServers) -> Iterator[Databases]:
    """A pool without databases that other tests used."""
    kept, servers.databases._clean = servers.databases._clean, []
    yield servers.databases
    servers.databases._clean += kept


def identity(url: str) -> tuple[int, str]:
    """Return the number of a database, which a new name does not change, and its name."""
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT oid, datname FROM pg_database WHERE datname = current_database()").fetchone()
    assert row is not None
    return row


def fill(connection: psycopg.Connection) -> set[str]:
    """Insert a row into every table, and return the tables."""
    tables = connection.execute(COLUMNS).fetchall()
    for table, names, kinds in tables:
        more = MORE.get(table, {})
        filled = (VALUES.get(f"{table}.{name}", VALUES[kind]) for name, kind in zip(names, kinds, strict=True))
        columns = sql.SQL(", ").join(map(sql.Identifier, [*names, *more]))
        values = sql.SQL(", ").join(map(sql.SQL, [*filled, *more.values()]))
        into = sql.SQL("INSERT INTO {} ({}) VALUES ({})")
        connection.execute(into.format(sql.Identifier(table), columns, values))
    return {table for table, _, _ in tables}


def counts(connection: psycopg.Connection, tables: set[str]) -> set[int]:
    found = set()
    for table in tables:
        row = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone()
        found.add(row[0] if row else -1)
    return found


def test_rows_of_every_table_are_gone_and_numbers_begin_again(databases: Databases) -> None:
    with databases.migrated() as url:
        first = identity(url)
        with psycopg.connect(databases.running.admin_url(first[1]), autocommit=True) as connection:
            connection.execute("SET session_replication_role = replica")
            tables = fill(connection)
            connection.execute("SELECT setval('audit_log_entry_seq_seq', 40)")
            assert counts(connection, tables) == {1}
    with databases.migrated() as url:
        second = identity(url)
        assert second[0] == first[0], "the same database, so that the test tests something"
        assert second[1] != first[1]
        with psycopg.connect(url) as connection:
            assert counts(connection, tables) == {0}
            assert connection.execute("SELECT nextval('audit_log_entry_seq_seq')").fetchone() == (1,)


@pytest.mark.parametrize("change", CHANGES)
def test_a_database_in_which_more_than_rows_changed_is_not_used_again(
    databases: Databases, change: LiteralString
) -> None:
    with databases.migrated() as url:
        number, name = identity(url)
        with psycopg.connect(databases.running.admin_url(name), autocommit=True) as connection:
            connection.execute(change)
    with databases.migrated() as url:
        assert identity(url)[0] != number


def test_a_setting_of_a_database_is_not_passed_on(databases: Databases) -> None:
    with databases.migrated() as url:
        number, name = identity(url)
        with psycopg.connect(databases.running.admin_url(), autocommit=True) as connection:
            connection.execute(sql.SQL("ALTER DATABASE {} SET work_mem = '1MB'").format(sql.Identifier(name)))
    with databases.migrated() as url:
        assert identity(url)[0] != number


def test_connections_that_a_test_left_open_do_not_reach_the_next_one(databases: Databases) -> None:
    with databases.migrated() as earlier:
        left = psycopg.connect(earlier)
        left.execute("INSERT INTO organisation (name) VALUES ('late')")
    with databases.migrated() as url:
        with pytest.raises(psycopg.OperationalError):
            left.execute("INSERT INTO organisation (name) VALUES ('later')")
        with pytest.raises(psycopg.OperationalError, match="does not exist"):
            psycopg.connect(earlier)
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT count(*) FROM organisation").fetchone() == (0,)


def test_two_databases_at_once_are_two(databases: Databases) -> None:
    with databases.migrated() as one, databases.migrated() as other:
        assert identity(one)[0] != identity(other)[0]
