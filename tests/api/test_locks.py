"""Requests whose rows others hold wait for a limited time, and are repeated after a deadlock."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager
from threading import Event
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from psycopg.errors import DeadlockDetected, LockNotAvailable, SerializationFailure
from sqlalchemy import Connection, Engine, create_engine, event, func, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from app.db import contention
from app.db.models import JobEvent, Project, Release
from app.db.reads import Reads, compiled
from app.db.session import async_engine, configured_url, sqlalchemy_url, sync_session
from app.db.transaction import after_commit, unbound_transaction
from app.deletions import service as deletions
from app.deletions.plan import Deletion
from app.jobs import dispatch
from app.jobs.events import record
from app.jobs.transitions import lock_audit
from tests.api import seeds
from tests.api.conftest import Tenant, problem
from tests.api.test_deletions import audit  # noqa: F401 - a fixture
from tests.api.test_simultaneous_requests import until_waiting
from tests.embedded_servers import TestServers

WHY = {"reason": "the contract has ended"}


@pytest.fixture
def impatient(settings_env: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Connections of the API that wait a tenth of a second for a lock."""
    monkeypatch.setattr(contention, "LOCK_SECONDS", 0.1)


async def test_a_request_does_not_wait_for_ever(impatient: None, admin: httpx.AsyncClient, tenant: Tenant) -> None:
    limits = f"/api/v1/projects/{tenant.project_id}/limits"
    with sync_session() as session:
        session.get_one(Project, seeds.uuid_of(tenant.project_id), with_for_update=True)
        async with asyncio.timeout(5):
            answer = await admin.put(limits, json={"open_jobs": 5})
    assert "holds" in problem(answer, 503, "database_busy")["detail"]
    assert answer.headers["retry-after"] == "2"
    assert (await admin.put(limits, json={"open_jobs": 5})).status_code == 200


async def test_the_key_of_a_project_is_not_waited_for_either(
    impatient: None, admin: httpx.AsyncClient, tenant: Tenant
) -> None:
    path = f"/api/v1/projects/{tenant.project_id}/encryption-key"
    with sync_session() as session:
        session.execute(text("LOCK TABLE project_key"))
        async with asyncio.timeout(5):
            problem(await admin.post(path), 503, "database_busy")


async def test_a_file_that_has_arrived_waits_longer(
    impatient: None,
    tenant: Tenant,
    release: dict[str, Any],
) -> None:
    with sync_session() as session:
        session.get_one(Release, seeds.uuid_of(release["id"]), with_for_update=True)
        sending = asyncio.create_task(tenant.client.put(f"/api/v1/releases/{release['id']}/file", content=b"a file"))
        await asyncio.to_thread(until_waiting, 1)
        await asyncio.wait({sending}, timeout=0.3)
    assert (await sending).status_code == 202


@pytest.fixture
async def reads(impatient: None) -> AsyncIterator[Reads]:
    made = Reads(configured_url(), size=1)
    yield made
    await made.close()


async def test_a_read_does_not_wait_for_ever(reads: Reads) -> None:
    with sync_session() as session:
        session.execute(text("LOCK TABLE project"))
        async with asyncio.timeout(5):
            with pytest.raises(LockNotAvailable):
                await reads.rows(compiled(select(func.count(Project.id))), {})


@pytest.fixture
def patient(servers: TestServers, settings_env: dict[str, str]) -> Iterator[Engine]:
    """Connections that do not look for a deadlock, so that the other side finds it."""
    name = configured_url().rpartition("/")[2].partition("?")[0]
    engine = create_engine(sqlalchemy_url(servers.running.admin_url(name)), hide_parameters=True, poolclass=NullPool)
    event.listen(engine, "begin", lambda connection: connection.execute(text("SET LOCAL deadlock_timeout = '1min'")))
    yield engine
    engine.dispose()


def write_event(engine: Engine, audit_id: UUID, locked: Event, go: Event) -> int:
    """Lock an audit, as a worker does, and append an event to it later."""
    with Session(engine) as session, session.begin():
        lock_audit(session, audit_id)
        locked.set()
        assert go.wait(10)
        return record(session, audit_id, "references", {})


async def test_a_deletion_that_deadlocks_with_an_event_is_repeated(
    patient: Engine,
    admin: httpx.AsyncClient,
    tenant: Tenant,
    audit: dict[str, Any],  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The worker has the audit and needs the project, and the deletion the other way round."""
    carry_out, locked, go = deletions.carry_out, Event(), Event()
    attempts = 0

    def beside_a_worker(session: Session, planned: Deletion) -> int:
        nonlocal attempts
        attempts += 1
        if attempts == 1:
            go.set()
            until_waiting(1)
        return carry_out(session, planned)

    monkeypatch.setattr(deletions, "carry_out", beside_a_worker)
    with ThreadPoolExecutor(1) as pool:
        written: Future[int] = pool.submit(write_event, patient, seeds.uuid_of(audit["id"]), locked, go)
        assert locked.wait(10)
        answer = await admin.delete(f"/api/v1/projects/{tenant.project_id}", params=WHY)
    assert answer.status_code == 200, answer.text
    assert (attempts, written.result() > 0) == (2, True)
    with sync_session() as session:
        assert session.scalars(select(func.count(JobEvent.seq))).one() == 0


@pytest.mark.parametrize(("failures", "status"), [(2, 201), (3, 503)])
async def test_a_request_is_repeated_twice_if_its_commit_fails_to_serialize(
    admin: httpx.AsyncClient, failures: int, status: int
) -> None:
    left = [SerializationFailure()] * failures

    def fail(connection: Connection) -> None:
        writes = connection.exec_driver_sql("SELECT pg_current_xact_id_if_assigned()").scalar_one()
        if left and writes is not None:
            raise OperationalError("COMMIT", None, left.pop())

    engine = async_engine(configured_url()).sync_engine
    await admin.get("/api/v1/projects")  # the key is remembered from now on
    event.listen(engine, "commit", fail)
    try:
        answer = await admin.post("/api/v1/projects", json={"name": "once"}, headers={"Idempotency-Key": "a" * 8})
    finally:
        event.remove(engine, "commit", fail)
    assert (answer.status_code, left) == (status, [])
    if status == 503:
        problem(answer, 503, "database_busy")
    listed = (await admin.get("/api/v1/projects")).json()["items"]
    assert [one["name"] for one in listed] == ["once"] * (status == 201)


async def fail_later(*_: object) -> None:
    raise OperationalError("UPDATE job", None, DeadlockDetected())


@pytest.mark.usefixtures("settings_env")
async def test_nothing_is_repeated_that_fails_after_the_commit() -> None:
    with pytest.raises(OperationalError):
        async with asynccontextmanager(unbound_transaction)() as session:
            after_commit(session, fail_later)


async def test_jobs_that_cannot_be_published_wait_for_the_reaper(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: object) -> int:
        raise OperationalError("UPDATE job", None, DeadlockDetected())

    monkeypatch.setattr(dispatch, "publish_now", fail)
    assert await dispatch.publish([uuid4()]) == 0
