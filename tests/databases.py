"""Databases for tests, each like a new one.

A database is emptied after its test, renamed, and used by a later one. That takes a tenth of the
time of CREATE DATABASE. A database in which a test changed more than rows is dropped.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import LiteralString
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
from psycopg import sql

from app.db.migrate import upgrade
from app.embedded import Servers

TEMPLATE = "exhume_template"
PATIENCE_MS = 5_000
"""Time for the backends of a test's last connections to end."""
OTHERS: LiteralString = """
SELECT pg_terminate_backend(pid, %s) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""
TABLES: LiteralString = """
SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname = 'public' AND c.relname <> 'alembic_version' ORDER BY 1
"""
RESTART: LiteralString = """
SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false) FROM pg_sequences
"""
CATALOGS: LiteralString = """
SELECT concat_ws(' ', {}, (SELECT sum(xmin::text::bigint) FROM pg_namespace),
  (SELECT string_agg(version_num, ',') FROM alembic_version),
  (SELECT count(*) FROM pg_db_role_setting JOIN pg_database d ON d.oid = setdatabase
   WHERE datname = current_database()))
"""
ROWS: LiteralString = "(SELECT concat(count(*), '/', sum(xmin::text::bigint)) FROM {} WHERE {} >= 16384)"
"""How many rows of a catalog belong to no new server, and which transactions wrote them."""
OIDS = (
    *((f"pg_{name}", "oid") for name in ("class", "attrdef", "constraint", "trigger", "policy", "proc")),
    *((f"pg_{name}", "oid") for name in ("type", "extension", "event_trigger", "largeobject_metadata")),
    *(("pg_attribute", "attrelid"), ("pg_index", "indexrelid")),
)
SCHEMA: LiteralString = """
WITH own AS (SELECT oid FROM pg_namespace WHERE nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema')
SELECT md5(string_agg(line, E'\\n' ORDER BY line)) FROM (
  SELECT concat_ws(' ', 'namespace', nspname, nspowner, nspacl) FROM pg_namespace WHERE oid IN (TABLE own)
  UNION ALL SELECT concat_ws(' ', 'relation', relnamespace, relname, relkind, relowner, relacl, reloptions,
      relrowsecurity, relforcerowsecurity) FROM pg_class WHERE relnamespace IN (TABLE own)
  UNION ALL SELECT concat_ws(' ', 'column', attrelid::regclass, attname, attnum, atttypid, atttypmod, attnotnull,
      attidentity, attgenerated, attacl, attisdropped, pg_get_expr(adbin, adrelid))
    FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
    LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum WHERE relnamespace IN (TABLE own) AND attnum > 0
  UNION ALL SELECT concat_ws(' ', 'constraint', conrelid::regclass, conname, convalidated, pg_get_constraintdef(oid))
    FROM pg_constraint WHERE connamespace IN (TABLE own)
  UNION ALL SELECT concat_ws(' ', 'index', indexrelid::regclass, indisvalid, pg_get_indexdef(indexrelid))
    FROM pg_index JOIN pg_class c ON c.oid = indexrelid WHERE relnamespace IN (TABLE own)
  UNION ALL SELECT concat_ws(' ', 'trigger', tgrelid::regclass, tgname, tgenabled, pg_get_triggerdef(t.oid))
    FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid WHERE relnamespace IN (TABLE own) AND NOT tgisinternal
  UNION ALL SELECT concat_ws(' ', 'constraint trigger', tgrelid::regclass, tgconstraint, tgtype, tgenabled)
    FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid WHERE relnamespace IN (TABLE own) AND tgisinternal
  UNION ALL SELECT concat_ws(' ', 'policy', polrelid::regclass, polname, polcmd, polroles,
      pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid))
    FROM pg_policy JOIN pg_class c ON c.oid = polrelid WHERE relnamespace IN (TABLE own)
  UNION ALL SELECT concat_ws(' ', 'function', proname, proowner, proacl, pg_get_functiondef(oid))
    FROM pg_proc WHERE pronamespace IN (TABLE own) AND prokind <> 'a'
  UNION ALL SELECT concat_ws(' ', 'type', typname, typtype) FROM pg_type WHERE typnamespace IN (TABLE own)
  UNION ALL SELECT concat_ws(' ', 'extension', extname, extversion) FROM pg_extension
  UNION ALL SELECT concat_ws(' ', 'event trigger', evtname) FROM pg_event_trigger
  UNION ALL SELECT concat_ws(' ', 'setting', setrole, setconfig)
    FROM pg_db_role_setting JOIN pg_database d ON d.oid = setdatabase WHERE datname = current_database()
  UNION ALL SELECT concat_ws(' ', 'large object', oid) FROM pg_largeobject_metadata
  UNION ALL SELECT concat_ws(' ', 'version', version_num) FROM alembic_version
) AS parts(line)
"""


@dataclass(kw_only=True)
class Databases:
    """The databases of one PostgreSQL server."""

    running: Servers
    _schema: str = ""
    _catalogs: str = ""
    _empty: sql.Composed = field(default_factory=lambda: sql.Composed([]))
    _clean: list[str] = field(default_factory=list)
    _server: psycopg.Connection | None = None

    @contextmanager
    def migrated(self) -> Iterator[str]:
        """Yield the `DATABASE_URL` of a database at the newest migration, without rows.

        Its name is new, so that nothing which an earlier test left running can reach it.
        """
        name = f"test_{uuid4().hex}"
        if self._clean:
            self._admin("ALTER DATABASE {} RENAME TO {}", self._clean.pop(), name)
        else:
            self._make_template()
            self._admin("CREATE DATABASE {} OWNER exhume TEMPLATE {}", name, TEMPLATE)
        try:
            yield self.url(name)
        finally:
            if self._emptied(name):
                self._clean.append(name)
            else:
                self._admin("DROP DATABASE {} WITH (FORCE)", name)

    @contextmanager
    def empty(self) -> Iterator[str]:
        """Yield the `DATABASE_URL` of a database without tables, for tests of migrations."""
        name = f"empty_{uuid4().hex}"
        self._admin("CREATE DATABASE {} OWNER exhume", name)
        try:
            yield self.url(name)
        finally:
            self._admin("DROP DATABASE {} WITH (FORCE)", name)

    def url(self, database: str) -> str:
        """Return the address of a database for the service's role."""
        return urlsplit(self.running.database_url)._replace(path=f"/{database}").geturl()

    def _emptied(self, name: str) -> bool:
        """Delete all rows. Return False if more than rows changed, or the database is gone."""
        try:
            with psycopg.connect(self.running.admin_url(name), autocommit=True) as connection:
                connection.execute(OTHERS, [PATIENCE_MS])
                # The digest takes far longer, and is also the same after VACUUM FULL or TRUNCATE.
                if _catalogs(connection) != self._catalogs and _schema(connection) != self._schema:
                    return False
                connection.execute(self._empty)
        except psycopg.OperationalError:
            return False
        return True

    def _make_template(self) -> None:
        if self._schema:
            return
        self._admin("CREATE DATABASE {} OWNER exhume", TEMPLATE)
        upgrade(self.url(TEMPLATE))
        with psycopg.connect(self.running.admin_url(TEMPLATE), autocommit=True) as connection:
            self._empty = _emptying([row[0] for row in connection.execute(TABLES)])
            self._schema, self._catalogs = _schema(connection), _catalogs(connection)
        self._admin("ALTER DATABASE {} WITH IS_TEMPLATE true ALLOW_CONNECTIONS false", TEMPLATE)

    def close(self) -> None:
        """Close the connection to the server."""
        if self._server is not None:
            self._server.close()

    def _admin(self, statement: LiteralString, *names: str) -> None:
        query = sql.SQL(statement).format(*map(sql.Identifier, names))
        try:
            self._connection().execute(query)
        except psycopg.OperationalError:
            if self._server is None or not self._server.closed:
                raise
            self._connection().execute(query)  # a test restarted the server

    def _connection(self) -> psycopg.Connection:
        """Return the connection to the server, which is kept."""
        if self._server is None or self._server.closed:
            self._server = psycopg.connect(self.running.admin_url(), autocommit=True)
        return self._server


def _emptying(tables: list[str]) -> sql.Composed:
    """Return all statements that empty a database as one query, which is one round trip."""
    deletions = [sql.SQL("DELETE FROM {};").format(sql.Identifier(table)) for table in tables]
    # The audit log is append-only, but not for a replica.
    return sql.Composed([sql.SQL("SET session_replication_role = replica;"), *deletions, sql.SQL(RESTART)])


def _catalogs(connection: psycopg.Connection) -> str:
    """Return what differs once anything in a database but rows was written."""
    rows = [sql.SQL(ROWS).format(sql.Identifier(table), sql.Identifier(oid)) for table, oid in OIDS]
    return _text(connection.execute(sql.SQL(CATALOGS).format(sql.SQL(", ").join(rows))))


def _schema(connection: psycopg.Connection) -> str:
    """Return a digest of everything in a database but rows."""
    return _text(connection.execute(SCHEMA))


def _text(found: psycopg.Cursor) -> str:
    row = found.fetchone()
    assert row is not None
    return str(row[0])
