"""Objects of the store that rows of the database name."""

from sqlalchemy import Connection, select

from app.db import models  # noqa: F401 - fills the metadata
from app.db.base import Base

COLUMNS = ("object_key", "original_key")


def referenced(connection: Connection) -> set[str]:
    """Return the key of every object that a row names."""
    found: set[str] = set()
    for table in Base.metadata.tables.values():
        for column in (table.columns[name] for name in COLUMNS if name in table.columns):
            found |= set(connection.scalars(select(column).where(column.is_not(None))))
    return found
