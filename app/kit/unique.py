"""Answers 409 when a name is taken, or when two simultaneous requests store the same thing."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from psycopg.errors import UniqueViolation
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.errors import ConflictError

MEANWHILE = ConflictError(
    "changed_meanwhile",
    "Another request has stored the same thing at the same time. Read it again, and repeat this request if it is "
    "still needed.",
)
"""The answer where no other check has found the row that another request stored first."""


@asynccontextmanager
async def unique_violation(session: AsyncSession, error: ConflictError) -> AsyncIterator[None]:
    """Raise `error` when the block violates a unique constraint. The transaction stays usable."""
    try:
        async with session.begin_nested():
            yield
    except IntegrityError as failure:
        if is_taken(failure):
            raise error from failure
        raise


def is_taken(failure: IntegrityError) -> bool:
    """Tell whether a unique constraint or index has rejected a row."""
    return isinstance(failure.orig, UniqueViolation)
