"""Row-level security: binds transactions of the API to the subject of a request.

Policies of every table with tenant data hide the rows of other tenants from a bound transaction,
so that a query without `within` shows nothing of them. What a transaction is bound to ends with
it. Processes other than the API bind nothing, and see all rows.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, event
from sqlalchemy.orm import Session, SessionTransaction

BIND = "SELECT bind_tenant($1, $2, $3, $4)"
BIND_NAMED = "SELECT bind_tenant(%(subject)s, %(organisation)s, %(project)s, %(person)s)"
UNBIND = "SELECT unbind_tenant()"
BYPASSES = "SELECT NOT row_security_active('audit')"
"""Whether the login is a superuser or has BYPASSRLS, so that no policy binds it."""
TENANT_ROLE = "exhume_tenant"
"""The role that `bind_tenant` changes to if the login bypasses the policies."""


class Binding(NamedTuple):
    """The ids of a subject, and what it is limited to."""

    subject: UUID
    organisation: UUID | None = None
    project: UUID | None = None
    person: UUID | None = None


NOBODY = Binding(UUID(int=0))
"""Sees no row of any tenant: the binding of a request before its subject is known."""

_current: ContextVar[Binding | None] = ContextVar("binding", default=None)


def current() -> Binding | None:
    """Return what transactions that begin now are bound to, or None if they see all rows."""
    return _current.get()


def bind(binding: Binding | None) -> None:
    """Bind the transactions that the rest of this request begins."""
    _current.set(binding)


@contextmanager
def bound(binding: Binding | None) -> Iterator[None]:
    """Bind the transactions that begin in the block. What it binds itself ends with it."""
    before = _current.set(binding)
    try:
        yield
    finally:
        _current.reset(before)


class BoundSession(Session):
    """A session whose transactions are bound."""


@event.listens_for(BoundSession, "after_begin")
def _bind(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    binding = current()
    if binding is not None and not transaction.nested:
        connection.exec_driver_sql(BIND_NAMED, binding._asdict())


@contextmanager
def of_all_tenants(session: Session) -> Iterator[None]:
    """Let a bound transaction see all rows in the block, for sums over the whole installation."""
    binding = current()
    if binding is None or not isinstance(session, BoundSession):
        yield
        return
    session.connection().exec_driver_sql(UNBIND)
    yield
    session.connection().exec_driver_sql(BIND_NAMED, binding._asdict())
