"""A stack of real processes per test, and one undisturbed audit to compare with."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select

from app.db.models import Reconstruction
from app.db.session import configured_url, sync_engine, sync_session
from app.settings import settings
from tests.conftest import SECRET_KEY
from tests.embedded_servers import TestServers
from tests.integration.faults.processes import Stack, until
from tests.worker.rows import get_audit, jobs_of
from tests.worker.tiny import tiny_audit

LEASES = {
    "EXHUME_LEASE_SECONDS": "3",
    "EXHUME_HEARTBEAT_SECONDS": "0.5",
    "EXHUME_REAPER_SECONDS": "0.5",
    "OMP_NUM_THREADS": "1",  # a tiny network gains nothing by more
}
# Long enough to be hit in the middle of a shard, short enough to be redone.
PLAN = {"steps": 150, "attack_options": {"pool": 8, "views": 2, "micro_batch": 4, "check_every": 5}}


@dataclass(frozen=True)
class Ended:
    """What must not depend on accidents."""

    frozen_digest: str | None
    digests: dict[tuple[str, int, int], str]
    verdict: str | None


@pytest.fixture
def fault_env(settings_env: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """Short leases; and commits that outlive a crash of PostgreSQL, unlike those of other tests."""
    durable = settings_env["DATABASE_URL"]
    durable += ("&" if "?" in durable else "?") + "options=-csynchronous_commit%3Don"
    environment = settings_env | LEASES | {"DATABASE_URL": durable}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    yield environment
    sync_engine(configured_url()).dispose()


@pytest.fixture
def stack(fault_env: dict[str, str], tmp_path: Path) -> Iterator[Stack]:
    """A worker and a scheduler."""
    running = Stack(fault_env, tmp_path)
    running.start("scheduler")
    running.start("worker")
    yield running
    running.close()


@pytest.fixture(scope="module")
def undisturbed(servers: TestServers, tmp_path_factory: pytest.TempPathFactory) -> Ended:
    """The same audit, run by a worker that nobody disturbs."""
    folder = tmp_path_factory.mktemp("undisturbed")
    with pytest.MonkeyPatch.context() as patch, servers.database() as url:
        environment = {
            "DATABASE_URL": url,
            "REDIS_URL": servers.flush_broker(),
            "EXHUME_DATA_DIR": str(folder / "data"),
            "EXHUME_SECRET_KEY": SECRET_KEY,
            **LEASES,
        }
        for name, value in environment.items():
            patch.setenv(name, value)
        settings.cache_clear()
        running = Stack(environment, folder)
        running.start("scheduler")
        running.start("worker")
        audit_id = tiny_audit(folder, **PLAN)
        try:
            ended = finish(running, audit_id)
            assert {job.attempt for job in jobs_of(audit_id, "attack")} == {1}
        finally:
            running.close()
            sync_engine(configured_url()).dispose()
            sync_engine.cache_clear()
    settings.cache_clear()
    return ended


def finish(stack: Stack, audit_id: UUID, seconds: float = 200) -> Ended:
    """Wait for the end of an audit; the scheduler publishes what the test has not."""

    def over() -> bool:
        stack.check()
        return get_audit(audit_id).state in {"succeeded", "failed", "cancelled"}

    until(over, "the audit's end", seconds)
    audit = get_audit(audit_id)
    assert audit.state == "succeeded", audit.problem
    with sync_session() as session:
        rows = session.execute(select(Reconstruction).where(Reconstruction.audit_id == audit_id)).scalars()
        digests = {(row.source, row.identity, row.restart): row.digest for row in rows}
    return Ended(audit.frozen_digest, digests, audit.verdict)


def attacking(stack: Stack, audit_id: UUID) -> bool:
    """True in the middle of the attack stage, while a shard is being computed."""
    stack.check()
    return any(job.state == "running" for job in jobs_of(audit_id, "attack"))
