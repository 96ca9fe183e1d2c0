"""Reads in one round trip: prepared statements on connections that commit by themselves.

Sessions of SQLAlchemy stay for everything that writes. A statement is built with SQLAlchemy and
compiled once, so that repositories still say which rows somebody may see.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from psycopg import OperationalError
from psycopg.errors import FeatureNotSupported
from psycopg_pool import PoolTimeout
from sqlalchemy import Select
from sqlalchemy.dialects.postgresql import psycopg as dialects

from app.db.contention import LOCK_NOT_AVAILABLE, sql_state
from app.db.line import Line, Question
from app.db.tenancy import BIND, current

DIALECT = dialects.dialect(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]
WAIT_SECONDS = 10.0


class Compiled(NamedTuple):
    """The text of a statement, the names of its parameters, and the values of those that stay."""

    text: str
    names: tuple[str, ...]
    values: Mapping[str, Any]


def compiled(statement: Select[*tuple[Any, ...]]) -> Compiled:
    """Compile a statement for `rows`. Its other parameters have the names of its binds."""
    made = statement.compile(dialect=DIALECT)
    return Compiled(str(made), tuple(made.positiontup or ()), made.params)


class Reads:
    """The connections of an API process for reads."""

    def __init__(self, url: str, size: int = 10) -> None:
        self._address = url.replace("+psycopg", "", 1)
        self._idle: list[Line] = []
        self._places = asyncio.Semaphore(size)

    async def close(self) -> None:
        """Close all connections."""
        while self._idle:
            await self._idle.pop().close()

    async def rows(self, statement: Compiled, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Return the rows.

        Asks once more on a new connection when PostgreSQL has closed an idle one, or when a
        migration has changed a table since the statement was prepared.
        """
        given = {**statement.values, **values}
        questions: list[Question] = [(statement.text, [given[name] for name in statement.names])]
        if (binding := current()) is not None:
            questions.insert(0, (BIND, binding))  # one transaction with what follows
        try:
            return await self._rows(questions)
        except PoolTimeout:
            raise
        except (OperationalError, FeatureNotSupported) as error:
            if sql_state(error) == LOCK_NOT_AVAILABLE:
                raise
            await self.close()
            return await self._rows(questions)

    async def _rows(self, questions: Sequence[Question]) -> list[tuple[Any, ...]]:
        await self._place()
        try:
            line = await self._found() or await Line.connect(self._address)
            rows = await line.ask(questions)
            self._idle.append(line)
            return rows
        finally:
            self._places.release()

    async def _place(self) -> None:
        try:
            async with asyncio.timeout(WAIT_SECONDS if self._places.locked() else None):
                await self._places.acquire()
        except TimeoutError:
            raise PoolTimeout(f"no connection was free in {WAIT_SECONDS:.0f} seconds") from None

    async def _found(self) -> Line | None:
        while self._idle:
            line = self._idle.pop()
            if not line.closed:
                return line
            await line.close()
        return None
