"""Migrates a database to this version's schema, one process at a time.

Alembic runs under an advisory lock, so two starts cannot collide.
"""

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from app.db.revisions import Schema, known, migrations_folder, schema_of, works_from
from app.db.session import NoDatabaseError, sqlalchemy_url
from app.db.tenancy import BYPASSES, TENANT_ROLE

MIGRATION_LOCK = 0x6578686D  # "exhm"; any number that nobody else uses


class NewerSchemaError(NoDatabaseError):
    """A newer version has migrated the database."""


class BypassError(NoDatabaseError):
    """The login bypasses row-level security and cannot give up that right in transactions."""


def upgrade(url: str) -> None:
    """Run every missing migration on the database at `url` under the lock."""
    engine = create_engine(sqlalchemy_url(url), hide_parameters=True, poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": MIGRATION_LOCK})
        connection.commit()
        _check_known(current(connection))
        connection.rollback()  # a migration may begin a transaction of its own
        command.upgrade(_config(connection), "head")
        ensure_tenant_role(connection)
        connection.execute(text(f"COMMENT ON TABLE alembic_version IS '{works_from()}'"))
        connection.commit()
    engine.dispose()


def ensure_tenant_role(connection: Connection) -> None:
    """Create the role that a superuser changes to in transactions that are bound to a tenant.

    Other logins are bound by the policies themselves and need no role.
    """
    login = connection.execute(text("SELECT current_user")).scalar_one()
    exists = text("SELECT 1 FROM pg_roles WHERE rolname = :name")
    if not connection.execute(text(BYPASSES)).scalar_one():
        return
    try:
        if connection.execute(exists, {"name": TENANT_ROLE}).scalar_one_or_none() is None:
            connection.execute(text(f"CREATE ROLE {TENANT_ROLE} NOLOGIN NOBYPASSRLS"))
            connection.execute(text(f"GRANT pg_read_all_data, pg_write_all_data TO {TENANT_ROLE}"))
        connection.execute(text(f"SET ROLE {TENANT_ROLE}"))
        connection.execute(text("RESET ROLE"))
    except ProgrammingError as error:
        connection.rollback()
        raise BypassError(
            f"The database role {login} bypasses row-level security and may not use the role {TENANT_ROLE} instead. "
            f"As a superuser of the server, run: ALTER ROLE {login} NOBYPASSRLS"
        ) from error


def current(connection: Connection) -> str | None:
    """Return the revision of the database, or None when it is empty."""
    return MigrationContext.configure(connection).get_current_revision()


def schema(url: str) -> Schema:
    """Return the schema of the database at `url`."""
    engine = create_engine(sqlalchemy_url(url), hide_parameters=True, poolclass=NullPool)
    with Session(engine) as session:
        return schema_of(session)


def _check_known(found: str | None) -> None:
    if found is not None and found not in known():
        raise NewerSchemaError(
            f"A newer version of Exhume has migrated the database (to {found}): install that version, or restore a "
            "backup from before."
        )


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(migrations_folder()).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
