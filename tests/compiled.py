"""SQL that is compiled once in a test process, as in a process of the service.

Each test has a database and so engines of its own. SQLAlchemy keeps compiled statements by engine
and dialect, and compiled them again in each test, which took a third of the processor time of the
tests of the API.
"""

from typing import Any

from sqlalchemy import Engine
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.util import LRUCache

COMPILED: LRUCache[Any, Any] = LRUCache(5_000)
"""Compiled statements of all engines, by dialect and structure of a statement."""


def compile_once() -> None:
    """Let all engines of this process keep their compiled statements in one place."""
    Engine._compiled_cache = property(lambda _: COMPILED, lambda _, made: None)  # type: ignore[assignment]
    PGDialect_psycopg.__eq__ = _compiles_alike  # type: ignore[method-assign, assignment]
    PGDialect_psycopg.__hash__ = lambda self: hash(type(self))  # type: ignore[method-assign]


def _compiles_alike(one: PGDialect_psycopg, other: object) -> bool:
    """Tell whether two dialects compile alike: they are of one kind, for one server version."""
    return type(one) is type(other) and one.server_version_info == getattr(other, "server_version_info", None)
