"""Statements that are sent together, in one round trip.

A lock that one of them takes is held while the server works, and not while the client does. Each
statement is compiled once for a process, as SQLAlchemy needs longer to look up a large one than
PostgreSQL to run it.
"""

from functools import lru_cache
from typing import Any

import psycopg
from psycopg.rows import namedtuple_row
from sqlalchemy import Executable
from sqlalchemy.dialects.postgresql import psycopg as dialects
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler

DIALECT = dialects.dialect(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]
Step = tuple[Executable, dict[str, Any]]
"""A statement that is the same object each time, and the values of its parameters."""


def together(session: Session, *steps: Step, commit: bool = False) -> list[Any]:
    """Run statements in the transaction of the session. Return the rows of the last, by name.

    Args:
        commit: end the transaction in the same round trip, if none of them fails.

    Raises: DBAPIError like an execution of the session.
    """
    session.flush()
    connection = session.connection()
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    try:
        with driver.pipeline():
            cursors = [_sent(driver, *step) for step in steps]
            if commit:
                driver.commit()
        return cursors[-1].fetchall()
    except psycopg.Error as error:
        if driver.closed:
            connection.invalidate(error)
        raise DBAPIError.instance(
            None, None, error, psycopg.Error, connection_invalidated=driver.closed, dialect=connection.dialect
        ) from error


def _sent(driver: psycopg.Connection[Any], statement: Executable, values: dict[str, Any]) -> psycopg.RawCursor[Any]:
    made = _compiled(statement).construct_expanded_state(values)
    cursor = psycopg.RawCursor(driver, row_factory=namedtuple_row)
    return cursor.execute(made.statement.encode(), made.positional_parameters)


@lru_cache(maxsize=64)
def _compiled(statement: Executable) -> SQLCompiler:
    made = statement.compile(dialect=DIALECT)  # type: ignore[attr-defined]
    assert isinstance(made, SQLCompiler)
    return made
