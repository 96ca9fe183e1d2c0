"""Migrates a database to this version's schema, one process at a time.

Alembic runs under an advisory lock, so two starts cannot collide.
"""

from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

from app.db.revisions import works_from
from app.db.session import NoDatabaseError, sqlalchemy_url

MIGRATION_LOCK = 0x6578686D  # "exhm"; any number that nobody else uses


class NewerSchemaError(NoDatabaseError):
    """A newer version has migrated the database."""


def script_location() -> Path:
    """Return the folder `migrations` of this installation."""
    spec = find_spec("migrations")
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError("the package `migrations` is missing: reinstall exhume")
    return Path(next(iter(spec.submodule_search_locations)))


def upgrade(url: str) -> None:
    """Run every missing migration on the database at `url` under the lock."""
    engine = create_engine(sqlalchemy_url(url), hide_parameters=True, poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": MIGRATION_LOCK})
        connection.commit()
        _check_known(current(connection))
        connection.rollback()  # a migration may begin a transaction of its own
        command.upgrade(_config(connection), "head")
        connection.execute(text(f"COMMENT ON TABLE alembic_version IS '{works_from()}'"))
        connection.commit()
    engine.dispose()


@lru_cache(maxsize=1)
def head() -> str | None:
    """Return the newest revision in this installation."""
    return ScriptDirectory(str(script_location())).get_current_head()


def current(connection: Connection) -> str | None:
    """Return the revision of the database, or None when it is empty."""
    return MigrationContext.configure(connection).get_current_revision()


def revision(url: str) -> str | None:
    """Return the revision of the database at `url`."""
    engine = create_engine(sqlalchemy_url(url), hide_parameters=True, poolclass=NullPool)
    with engine.connect() as connection:
        return current(connection)


def _check_known(found: str | None) -> None:
    scripts = ScriptDirectory(str(script_location()))
    if found is not None and found not in {one.revision for one in scripts.walk_revisions()}:
        raise NewerSchemaError(
            f"A newer version of Exhume has migrated the database (to {found}): install that version, or restore a "
            "backup from before."
        )


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(script_location()).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
