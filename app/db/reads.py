"""Reads in one round trip: prepared statements on connections that commit by themselves.

Sessions of SQLAlchemy stay for everything that writes. A statement is built with SQLAlchemy and
compiled once, so that repositories still say which rows somebody may see.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from psycopg import OperationalError
from psycopg_pool import AsyncConnectionPool, PoolTimeout
from sqlalchemy import Select
from sqlalchemy.dialects.postgresql import psycopg as dialects

DIALECT = dialects.dialect()  # type: ignore[no-untyped-call]
WAIT_SECONDS = 10.0


class Compiled(NamedTuple):
    """The text of a statement, and the values of the parameters that are always the same."""

    text: str
    values: Mapping[str, Any]


def compiled(statement: Select[*tuple[Any, ...]]) -> Compiled:
    """Compile a statement for `rows`. Its other parameters have the names of its binds."""
    made = statement.compile(dialect=DIALECT)
    return Compiled(str(made), made.params)


class Reads:
    """The connections of an API process for reads."""

    def __init__(self, url: str, size: int = 10) -> None:
        address = url.replace("+psycopg", "", 1)
        options = {"autocommit": True, "prepare_threshold": 1}
        self._pool = AsyncConnectionPool(
            address, min_size=0, max_size=size, open=False, timeout=WAIT_SECONDS, kwargs=options
        )

    async def open(self) -> None:
        """Start. Connections are made when they are needed."""
        await self._pool.open()

    async def close(self) -> None:
        """Close all connections."""
        await self._pool.close()

    async def rows(self, statement: Compiled, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Return the rows. Tries once more when PostgreSQL has closed an idle connection."""
        given = {**statement.values, **values}
        try:
            return await self._rows(statement.text, given)
        except PoolTimeout:
            raise
        except OperationalError:
            await self._pool.check()
            return await self._rows(statement.text, given)

    async def _rows(self, statement: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        async with self._pool.connection() as connection:
            cursor = await connection.execute(statement, values)
            return await cursor.fetchall()
