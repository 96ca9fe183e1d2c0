"""Answers 409 when a name is taken, also when two requests race for it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from psycopg.errors import UniqueViolation
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.errors import ConflictError


@asynccontextmanager
async def unique_violation(session: AsyncSession, error: ConflictError) -> AsyncIterator[None]:
    """Raise `error` when the block violates a unique constraint. The transaction stays usable."""
    try:
        async with session.begin_nested():
            yield
    except IntegrityError as failure:
        if isinstance(failure.orig, UniqueViolation):
            raise error from failure
        raise
