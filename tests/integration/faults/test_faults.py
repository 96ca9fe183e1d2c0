"""Faults during an audit: it ends with the same images as an undisturbed run."""

import pytest
import redis

from app.db.session import configured_url, sync_engine
from tests.embedded_servers import TestServers
from tests.integration.faults.conftest import Undisturbed, attacking, finish
from tests.integration.faults.processes import Stack, kill_child, until
from tests.worker.rows import event_numbers, get_audit, jobs_of

pytestmark = [pytest.mark.faults, pytest.mark.timeout(900)]


def test_a_killed_worker_and_a_killed_child_of_its_successor(undisturbed: Undisturbed, stack: Stack) -> None:
    audit_id = undisturbed.again()
    until(lambda: attacking(stack, audit_id), "the attack")
    stack.kill("worker")
    stack.start("worker")
    until(lambda: any(job.state == "running" and job.attempt > 1 for job in jobs_of(audit_id, "attack")), "its repeat")
    kill_child(stack.running["worker"].pid)
    assert finish(stack, audit_id) == undisturbed.ended
    assert sum(job.attempt for job in jobs_of(audit_id, "attack")) > 4, "shards were begun again twice"
    assert "jobs.lease_expired" in stack.log("scheduler")


def test_a_broker_that_is_flushed_and_then_killed(
    undisturbed: Undisturbed, stack: Stack, fault_env: dict[str, str], servers: TestServers
) -> None:
    audit_id = undisturbed.again()
    until(lambda: attacking(stack, audit_id), "the attack")
    with redis.Redis.from_url(fault_env["REDIS_URL"]) as broker:
        broker.flushall()
    until(lambda: attacking(stack, audit_id, ended=1), "the second shard")
    servers.running.restart_valkey(crash=True)
    assert finish(stack, audit_id) == undisturbed.ended


def test_a_postgresql_that_is_restarted_and_then_killed(
    undisturbed: Undisturbed, stack: Stack, servers: TestServers
) -> None:
    audit_id = undisturbed.again()
    for ended, crash in enumerate((False, True)):
        until(lambda ended=ended: attacking(stack, audit_id, ended=ended), "the attack")  # type: ignore[misc]
        sync_engine(configured_url()).dispose()
        servers.running.restart_postgres(crash=crash)
    assert finish(stack, audit_id) == undisturbed.ended
    assert event_numbers(audit_id) == list(range(1, get_audit(audit_id).event_seq + 1)), "an event was lost or doubled"


def test_a_worker_that_is_stopped_gives_its_job_back(undisturbed: Undisturbed, stack: Stack) -> None:
    audit_id = undisturbed.again(steps=20_000)
    until(lambda: any(job.done for job in jobs_of(audit_id, "attack")), "the attack")
    assert stack.stop("worker") == 0
    shards = jobs_of(audit_id, "attack")
    assert {job.state for job in shards} == {"queued"}
    assert {job.max_attempts - job.attempt for job in shards} == {3}
