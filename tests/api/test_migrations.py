"""The migrations create the tables of the models and keep the audit log append-only."""

from collections.abc import Iterator

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, inspect, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from app.db import models, revisions  # noqa: F401 - the models fill the metadata
from app.db.base import Base
from app.db.migrate import current, upgrade
from app.db.session import sqlalchemy_url
from tests.api.migrating import migrate
from tests.embedded_servers import TestServers


@pytest.fixture
def connection(servers: TestServers) -> Iterator[Connection]:
    """A migrated database."""
    with servers.databases.migrated() as url:
        engine = create_engine(sqlalchemy_url(url), poolclass=NullPool)
        with engine.connect() as connection:
            yield connection
        engine.dispose()


def test_models_and_migrations_agree(connection: Connection) -> None:
    context = MigrationContext.configure(connection, opts={"compare_server_default": True})
    assert compare_metadata(context, Base.metadata) == []
    assert set(inspect(connection).get_table_names()) == set(Base.metadata.tables) | {"alembic_version"}


def test_every_foreign_key_has_an_index(connection: Connection) -> None:
    """Without one, deleting a row reads the whole table that refers to it."""
    statement = """
        SELECT c.conrelid::regclass::text || '.' || a.attname
        FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
        WHERE c.contype = 'f' AND NOT EXISTS (
            SELECT 1 FROM pg_index i WHERE i.indrelid = c.conrelid AND i.indpred IS NULL AND i.indkey[0] = c.conkey[1])
    """
    assert connection.execute(text(statement)).scalars().all() == []


def test_the_revision_is_the_newest(connection: Connection) -> None:
    assert current(connection) == revisions.newest()


def test_the_newest_revision_is_found_without_alembic() -> None:
    assert revisions.newest() == ScriptDirectory(str(revisions.migrations_folder())).get_current_head()


def test_a_second_run_changes_nothing(servers: TestServers) -> None:
    with servers.databases.empty() as url:
        upgrade(url)
        before = described(url)
        upgrade(url)
        assert described(url) == before


def described(url: str) -> dict[str, list[tuple[object, ...]]]:
    """Return the revision, columns, constraints, indexes, policies and triggers of a database."""
    statements = {
        "revision": "SELECT version_num FROM alembic_version",
        "columns": "SELECT table_name, column_name, data_type, is_nullable, column_default "
        "FROM information_schema.columns WHERE table_schema = 'public'",
        "constraints": "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE connamespace = 'public'::regnamespace",
        "indexes": "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
        "policies": "SELECT polrelid::regclass::text, polname, pg_get_expr(polqual, polrelid) FROM pg_policy",
        "triggers": "SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) FROM pg_trigger",
    }
    engine = create_engine(sqlalchemy_url(url), poolclass=NullPool)
    with engine.connect() as connection:
        found = {what: sorted(map(tuple, connection.execute(text(one)).all())) for what, one in statements.items()}
    engine.dispose()
    assert all(found.values())
    return found


@pytest.mark.parametrize(
    "statement", ["UPDATE audit_log_entry SET actor = 'x'", "DELETE FROM audit_log_entry", "TRUNCATE audit_log_entry"]
)
def test_the_audit_log_refuses_change(connection: Connection, statement: str) -> None:
    with pytest.raises(DBAPIError, match="append-only"):
        connection.execute(text(statement))


def test_every_migration_can_be_undone(connection: Connection) -> None:
    migrate(connection, command.downgrade, "base")
    assert set(inspect(connection).get_table_names()) == {"alembic_version"}
