"""Single migrations, done and undone."""

from collections.abc import Callable

from alembic.config import Config
from sqlalchemy import Connection

from app.db.revisions import migrations_folder


def migrate(connection: Connection, step: Callable[[Config, str], None], to: str) -> None:
    """Upgrade or downgrade a database (`alembic.command`) to a revision."""
    config = Config()
    config.set_main_option("script_location", str(migrations_folder()))
    config.attributes["connection"] = connection
    step(config, to)
    connection.commit()
