"""Real servers, a worker and a scheduler per module, and an undisturbed audit as reference."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
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
from tests.worker.tiny import repeat_audit, tiny_audit

FAST = {
    "EXHUME_LEASE_SECONDS": "6",
    "EXHUME_HEARTBEAT_SECONDS": "0.5",
    "EXHUME_REAPER_SECONDS": "0.5",
    "EXHUME_WARM_SANDBOX": "false",  # nothing is uploaded here
    "OMP_NUM_THREADS": "1",  # more threads do not speed up a tiny network
}
# Long enough to be hit during a shard, short enough to be repeated.
PLAN: dict[str, Any] = {
    "steps": 60,
    "attack_options": {"pool": 8, "views": 2, "micro_batch": 4, "check_every": 5},
}


@pytest.fixture(scope="module")
def fault_env(servers: TestServers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Short leases. Unlike in other tests, commits survive a crash of PostgreSQL."""
    with pytest.MonkeyPatch.context() as patch, servers.databases.migrated() as url:
        environment = {
            "DATABASE_URL": url + ("&" if "?" in url else "?") + "options=-csynchronous_commit%3Don",
            "REDIS_URL": servers.flush_broker(),
            "EXHUME_DATA_DIR": str(tmp_path_factory.mktemp("data")),
            "EXHUME_SECRET_KEY": SECRET_KEY,
            **FAST,
        }
        for name, value in environment.items():
            patch.setenv(name, value)
        settings.cache_clear()
        yield environment
        sync_engine(configured_url()).dispose()
    settings.cache_clear()


@pytest.fixture(scope="module")
def processes(fault_env: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The processes of this module."""
    running = Stack(fault_env, tmp_path_factory.mktemp("logs"))
    yield running
    running.close()


@pytest.fixture
def stack(processes: Stack) -> Stack:
    """A scheduler and a worker, restarted if an earlier test stopped them."""
    for name in ("scheduler", "worker"):
        if name not in processes.running:
            processes.start(name)
    return processes


@dataclass(frozen=True)
class Ended:
    """Results that must not depend on faults."""

    frozen_digest: str | None
    digests: dict[tuple[str, int, int], str]
    verdict: str | None


@dataclass(frozen=True)
class Undisturbed:
    """An undisturbed audit. Others with the same inputs and seeds must have its results."""

    audit_id: UUID
    ended: Ended

    def again(self, **plan: Any) -> UUID:
        """Start the same audit again."""
        return repeat_audit(self.audit_id, **(PLAN | plan))


@pytest.fixture(scope="module")
def undisturbed(processes: Stack, tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    """An audit run by a worker that nobody disturbs."""
    for name in ("scheduler", "worker"):
        processes.start(name)
    audit_id = tiny_audit(tmp_path_factory.mktemp("inputs"), **PLAN)
    ended = finish(processes, audit_id)
    assert {job.attempt for job in jobs_of(audit_id, "attack")} == {1}
    return Undisturbed(audit_id, ended)


def finish(stack: Stack, audit_id: UUID, seconds: float = 400) -> Ended:
    """Wait for the end of an audit. The scheduler publishes its jobs."""

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


def attacking(stack: Stack, audit_id: UUID, *, ended: int = 0) -> bool:
    """Return whether a shard of the attack is being computed, after at least `ended` others."""
    stack.check()
    states = [job.state for job in jobs_of(audit_id, "attack")]
    return "running" in states and states.count("succeeded") >= ended
