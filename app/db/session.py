"""Engines and sessions of psycopg 3: asynchronous in the API, synchronous in the worker."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import lru_cache

from pydantic_core import from_json
from sqlalchemy import Engine, create_engine
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import Session

from app.db.contention import limit_waits
from app.db.tenancy import BoundSession
from app.settings import settings


class NoDatabaseError(RuntimeError):
    """`DATABASE_URL` is missing or has the wrong scheme."""


def sqlalchemy_url(url: str) -> str:
    """Turn `postgres://` and `postgresql://` into `postgresql+psycopg://`.

    Reject other schemes.
    """
    scheme, _, rest = url.partition("://")
    if scheme not in {"postgres", "postgresql", "postgresql+psycopg"}:
        raise NoDatabaseError(f"DATABASE_URL must begin with postgresql://, not {scheme}://")
    return f"postgresql+psycopg://{rest}"


def configured_url() -> str:
    """Return the database of this process.

    The supervisor of the embedded servers sets `DATABASE_URL` for its children.
    """
    url = settings().database_url
    if url is None:
        raise NoDatabaseError("DATABASE_URL is not set: set it, or start everything with `exhume up`")
    return sqlalchemy_url(url)


@lru_cache(maxsize=4)
def async_engine(url: str) -> AsyncEngine:
    """Return the pool of the API process. `pool_pre_ping` survives a restart of PostgreSQL."""
    return limit_waits(
        create_async_engine(
            url, hide_parameters=True, pool_pre_ping=True, pool_size=10, max_overflow=10, json_deserializer=from_json
        )
    )


@lru_cache(maxsize=4)
def sync_engine(url: str) -> Engine:
    """Return the pool of a worker process."""
    return create_engine(url, hide_parameters=True, pool_pre_ping=True, pool_size=3, max_overflow=2)


@asynccontextmanager
async def async_session(engine: AsyncEngine | None = None, *, bound: bool = True) -> AsyncIterator[AsyncSession]:
    """Open one transaction, in the pool of the API process or in another.

    It commits when the block ends and rolls back when the block raises. In a request it is bound
    to the subject, unless it must find out who that is.
    """
    pool = engine or async_engine(configured_url())
    kind = BoundSession if bound else Session
    async with AsyncSession(pool, sync_session_class=kind, expire_on_commit=False) as session, session.begin():
        yield session


@contextmanager
def sync_session() -> Iterator[Session]:
    """Open one transaction.

    It commits when the block ends and rolls back when the block raises.
    """
    with Session(sync_engine(configured_url()), expire_on_commit=False) as session, session.begin():
        yield session
