"""Accidents in the middle of an audit: it ends with the very images of an undisturbed run."""

from pathlib import Path

import pytest
import redis

from app.db.session import sync_engine
from tests.embedded_servers import TestServers
from tests.integration.faults.conftest import PLAN, Ended, attacking, finish
from tests.integration.faults.processes import Stack, kill_child, until
from tests.worker.rows import events_of, get_audit, jobs_of
from tests.worker.tiny import tiny_audit

pytestmark = [pytest.mark.faults, pytest.mark.timeout(500)]


def test_a_killed_worker(stack: Stack, undisturbed: Ended, tmp_path: Path) -> None:
    audit_id = tiny_audit(tmp_path, **PLAN)
    until(lambda: attacking(stack, audit_id), "the attack")
    stack.kill("worker")
    stack.start("worker")
    assert finish(stack, audit_id) == undisturbed
    assert sorted(job.attempt for job in jobs_of(audit_id, "attack")) == [1, 1, 2]
    assert "jobs.lease_expired" in stack.log("scheduler")


def test_a_killed_child_of_a_worker(stack: Stack, undisturbed: Ended, tmp_path: Path) -> None:
    audit_id = tiny_audit(tmp_path, **PLAN)
    until(lambda: attacking(stack, audit_id), "the attack")
    kill_child(stack.running["worker"].pid)
    assert finish(stack, audit_id) == undisturbed
    assert sorted(job.attempt for job in jobs_of(audit_id, "attack")) == [1, 1, 2]


def test_a_flushed_broker(stack: Stack, undisturbed: Ended, tmp_path: Path, fault_env: dict[str, str]) -> None:
    audit_id = tiny_audit(tmp_path, **PLAN)
    until(lambda: attacking(stack, audit_id), "the attack")
    with redis.Redis.from_url(fault_env["REDIS_URL"]) as broker:
        broker.flushall()
    assert finish(stack, audit_id) == undisturbed


def test_a_killed_broker(stack: Stack, undisturbed: Ended, tmp_path: Path, servers: TestServers) -> None:
    audit_id = tiny_audit(tmp_path, **PLAN)
    until(lambda: attacking(stack, audit_id), "the attack")
    servers.running.restart_valkey(crash=True)
    assert finish(stack, audit_id) == undisturbed


@pytest.mark.parametrize("crash", [False, True], ids=["restart", "kill"])
def test_a_restarted_postgresql(
    stack: Stack, undisturbed: Ended, tmp_path: Path, servers: TestServers, crash: bool
) -> None:
    audit_id = tiny_audit(tmp_path, **PLAN)
    until(lambda: attacking(stack, audit_id), "the attack")
    servers.running.restart_postgres(crash=crash)
    sync_engine.cache_clear()
    assert finish(stack, audit_id) == undisturbed
    assert get_audit(audit_id).event_seq == sum(
        len(events_of(audit_id, kind)) for kind in ("audit", "job", "progress", "frozen", "result")
    ), "no event of the story was lost or doubled"


def test_a_worker_that_is_stopped_gives_its_job_back(stack: Stack, undisturbed: Ended, tmp_path: Path) -> None:
    audit_id = tiny_audit(tmp_path, **(PLAN | {"steps": 20_000}))
    until(lambda: any(job.done for job in jobs_of(audit_id, "attack")), "the attack")
    assert stack.stop("worker") == 0
    (shard,) = [job for job in jobs_of(audit_id, "attack") if job.attempt]
    assert (shard.state, shard.max_attempts - shard.attempt) == ("queued", 3)
