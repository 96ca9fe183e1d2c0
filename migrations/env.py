"""Entry point of Alembic.

Runs on the connection that `app.db.migrate` locked, or on a new one under Alembic's command.
"""

from alembic import context
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

from app.db import models  # noqa: F401 - fills the metadata
from app.db.base import Base
from app.db.migrate import MIGRATION_LOCK
from app.db.session import configured_url

# A migration that waits for a lock blocks every later query, so it gives up and must be retried.
# The setting is for the session, because a migration may commit before its end.
LOCK_TIMEOUT = "5s"


def run(connection: Connection) -> None:
    """Run the missing migrations in one transaction, unless a migration commits earlier."""
    context.configure(connection=connection, target_metadata=Base.metadata, compare_server_default=True)
    with context.begin_transaction():
        connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
        context.run_migrations()


def run_alone() -> None:
    """Connect, take the migration lock and run."""
    engine = create_engine(configured_url(), hide_parameters=True, poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": MIGRATION_LOCK})
        connection.commit()
        run(connection)
        connection.commit()
    engine.dispose()


given = context.config.attributes.get("connection")
if context.is_offline_mode():
    raise SystemExit("offline mode is not supported: migrations need a database to lock")
if given is None:
    run_alone()
else:
    run(given)
