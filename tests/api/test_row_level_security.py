"""Row-level security hides the rows of other tenants from queries that forget to."""

import asyncio
import sys
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from psycopg.errors import DivisionByZero, InsufficientPrivilege, RestrictViolation
from sqlalchemy import Table, create_engine, func, literal_column, select, text
from sqlalchemy.exc import IntegrityError, ProgrammingError
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from app.db.base import Base
from app.db.migrate import BypassError, ensure_tenant_role, upgrade
from app.db.models import Organisation, Project
from app.db.reads import Reads, compiled
from app.db.session import async_session, configured_url, sqlalchemy_url, sync_session
from app.db.tenancy import NOBODY, TENANT_ROLE, Binding, BoundSession, bound, of_all_tenants
from tests.api.conftest import with_key
from tests.api.test_every_route import compared, reach, two_organisations
from tests.api.whole_document import add_rows, new_row
from tests.embedded_servers import TestServers

OPEN = {
    "alembic_version": "the revision of the schema",
    "signing_key": "public keys, and the sealed private one of the installation",
    "worker_node": "the workers of the installation",
}
"""Tables without a policy, and what is in them."""
OWN = {"organisation", "project"}
TABLES = [table for table in Base.metadata.sorted_tables if table.name not in OPEN]
STATE = text("SELECT current_setting('exhume.subject', true), current_user = session_user")


def test_every_table_has_a_policy_or_a_reason(settings_env: dict[str, str]) -> None:
    statement = """
        SELECT relname, relrowsecurity AND relforcerowsecurity
            AND EXISTS (SELECT FROM pg_policy WHERE polrelid = c.oid AND polcmd = '*' AND polpermissive)
        FROM pg_class c WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace
    """
    with sync_session() as session:
        found = session.execute(text(statement)).all()
    assert {name for name, safe in found if not safe} == set(OPEN)


class Tenants:
    """Organisations `ours`, which has a row in every table, and `theirs`, which has a project."""

    def __init__(self) -> None:
        with sync_session() as session:
            made = [Organisation(name=name) for name in ("ours", "theirs")]
            session.add_all(made)
            session.flush()
            projects = [Project(organisation_id=one.id, name="p") for one in made]
            session.add_all(projects)
            session.flush()
            (self.ours, self.project), (self.theirs, other) = [
                (one.id, project.id) for one, project in zip(made, projects, strict=True)
            ]
        add_rows(self.ours, self.project)
        self.strangers = {
            "another organisation": Binding(uuid4(), self.theirs, None, uuid4()),
            "another project of the same": Binding(uuid4(), self.ours, other, uuid4()),
            "nobody": NOBODY,
        }


@pytest.fixture
def tenants(settings_env: dict[str, str]) -> Tenants:
    return Tenants()


@pytest.fixture
def session(settings_env: dict[str, str]) -> Iterator[Session]:
    engine = create_engine(configured_url(), poolclass=NullPool)
    with BoundSession(engine) as session:
        yield session


def count(session: Session, table: Table) -> int:
    return session.execute(select(func.count()).select_from(table)).scalar_one()


def test_a_bound_transaction_sees_and_changes_its_own_rows_only(tenants: Tenants, session: Session) -> None:
    every = {table.name: count(session, table) for table in TABLES}
    assert all(every.values())
    session.rollback()
    for stranger, binding in tenants.strangers.items():
        with bound(binding), session.begin():
            assert {table.name for table in TABLES if count(session, table)} - OWN == set(), stranger
            for table in (one for one in TABLES if one.name not in OWN):
                last = list(table.columns)[-1]
                for change in (table.update().values({last.name: last}), table.delete()):
                    assert changed(session, change) == 0, (stranger, table.name)
    rows = {table: new_row(table, tenants.ours, tenants.project) for table in TABLES}
    with bound(tenants.strangers["another organisation"]), session.begin():
        for table, row in rows.items():
            with pytest.raises(ProgrammingError) as refused, session.begin_nested():
                session.execute(table.insert().values(row))
            assert isinstance(refused.value.orig, InsufficientPrivilege), table.name
    assert {table.name: count(session, table) for table in TABLES} == every


def changed(session: Session, change: Any) -> int:
    """Return how many rows a statement changes, or 0 if the trigger of a table rejects it."""
    try:
        with session.begin_nested():
            return int(session.execute(change).rowcount)  # type: ignore[attr-defined]
    except IntegrityError as error:
        if isinstance(error.orig, RestrictViolation):
            return 0
        raise


def test_a_member_sees_every_row_of_the_organisation(tenants: Tenants, session: Session) -> None:
    rows = {table.name: session.execute(select(table)).mappings().first() for table in TABLES}
    me = rows["person"]["id"]  # type: ignore[index]
    subject: UUID = rows["idempotency_key"]["subject_id"]  # type: ignore[index]
    session.rollback()
    for project in (None, tenants.project):
        with bound(Binding(subject, tenants.ours, project, me)), session.begin():
            hidden = {table.name for table in TABLES if not count(session, table)}
            assert hidden - {"sign_in_link"} == set()


async def test_a_binding_ends_with_its_transaction(tenants: Tenants, async_engines: None) -> None:
    async def state(binding: Binding | None) -> list[Any]:
        with bound(binding):
            async with async_session() as session:
                pid = (await session.execute(text("SELECT pg_backend_pid()"))).scalar_one()
                return [pid, (await session.execute(select(func.count()).select_from(Project))).scalar_one()]

    stranger = tenants.strangers["another organisation"]
    (first, own), (second, every), (third, none) = [await state(one) for one in (stranger, None, NOBODY)]
    assert first == second == third, "the pool handed out another connection, so this proves nothing"
    assert (own, every, none) == (1, 2, 0)
    reads = Reads(configured_url(), size=1)
    ids = compiled(select(func.count(), func.pg_backend_pid()).select_from(Project))
    try:
        found = []
        for one in (stranger, None, NOBODY):
            with bound(one):
                found += await reads.rows(ids, {})
        assert [row[0] for row in found] == [1, 2, 0]
        assert len({row[1] for row in found}) == 1
    finally:
        await reads.close()


async def test_a_binding_ends_with_an_error_or_a_cancelled_read(tenants: Tenants) -> None:
    reads = Reads(configured_url(), size=1)
    broken = compiled(select(literal_column("1 / 0")).select_from(Project))
    slow, subject = compiled(select(func.pg_sleep(30))), compiled(select(func.current_setting("exhume.subject", True)))
    try:
        with bound(tenants.strangers["another organisation"]):
            with pytest.raises(DivisionByZero):
                await reads.rows(broken, {})
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.3):
                    await reads.rows(slow, {})
        assert await reads.rows(subject, {}) in ([("",)], [(None,)])
    finally:
        await reads.close()


def test_sums_of_the_installation_see_all_tenants_and_nothing_after_that(tenants: Tenants, session: Session) -> None:
    with bound(tenants.strangers["another organisation"]), session.begin():
        counts = [count(session, Base.metadata.tables["project"])]
        with of_all_tenants(session):
            counts.append(count(session, Base.metadata.tables["project"]))
        counts.append(count(session, Base.metadata.tables["project"]))
    assert counts == [1, 2, 1]


def test_a_superuser_is_bound_too(servers: TestServers, tenants: Tenants) -> None:
    """The database of a container belongs to a superuser, whom no policy binds."""
    url = servers.running.admin_url(configured_url().rpartition("/")[2].partition("?")[0])
    upgrade(url)
    engine = create_engine(sqlalchemy_url(url), pool_size=1, max_overflow=0)
    with BoundSession(engine) as session:
        with bound(tenants.strangers["another organisation"]), session.begin():
            assert session.execute(text("SELECT current_user")).scalar_one() == TENANT_ROLE
            assert {table.name for table in TABLES if count(session, table)} - OWN == set()
            with of_all_tenants(session):
                assert count(session, Base.metadata.tables["audit"]) == 1
            with pytest.raises(ProgrammingError, match="row-level security"):
                session.execute(Base.metadata.tables["target"].insert().values(project_id=tenants.project, name="t"))
        with session.begin():
            assert session.execute(STATE).one() == ("", True)
    engine.dispose()


def test_a_login_that_no_policy_binds_is_refused(servers: TestServers, settings_env: dict[str, str]) -> None:
    admin = servers.running.admin_url(configured_url().rpartition("/")[2].partition("?")[0])
    engine = create_engine(sqlalchemy_url(admin), poolclass=NullPool)
    try:
        with engine.begin() as connection:
            connection.execute(text("CREATE ROLE unbound NOSUPERUSER BYPASSRLS"))
        with engine.connect() as connection:
            connection.execute(text("SET SESSION AUTHORIZATION unbound"))
            with pytest.raises(BypassError, match="ALTER ROLE unbound NOBYPASSRLS"):
                ensure_tenant_role(connection)
    finally:
        with engine.begin() as connection:
            connection.execute(text("DROP ROLE unbound"))
        engine.dispose()


@pytest.fixture
def forgotten(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every `within` and `within_organisation` keeps all rows."""
    remembered: list[Callable[[], None]] = []
    for name, module in list(sys.modules.items()):
        if name.startswith("app."):
            for function in ("within", "within_organisation"):
                if hasattr(module, function):
                    monkeypatch.setattr(module, function, lambda statement, *_, **__: statement)
            remembered += [one.cache_clear for one in vars(module).values() if hasattr(one, "cache_clear")]
    for forget in remembered:
        forget()
    yield
    for forget in remembered:
        forget()


async def test_a_forgotten_condition_leaks_nothing(
    forgotten: None, transport: httpx.ASGITransport, admin: httpx.AsyncClient
) -> None:
    named, ids, _, foreign_key = await two_organisations(admin)
    async with with_key(transport, foreign_key) as foreign:
        leaks, hidden = await compared(foreign, reach(named), ids)
    assert leaks == {}
    assert len(hidden) < len(named) / 8
