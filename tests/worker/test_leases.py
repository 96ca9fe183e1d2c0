"""Claims, leases and fenced writes."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from app.db.models import WorkerNode
from app.db.session import sync_session
from app.db.states import JobState
from app.jobs.leases import Claim, claim, extend, give_back
from app.jobs.transitions import LeaseLostError, finish
from tests.worker.rows import expire, get_audit, get_job, make_audit

pytestmark = pytest.mark.usefixtures("settings_env")


def take(job_id: object, worker: str = "one") -> Claim | None:
    with sync_session() as session:
        return claim(session, job_id, worker=worker, lease_seconds=60)  # type: ignore[arg-type]


def test_of_many_workers_one_gets_the_job() -> None:
    _, (job_id, *_) = make_audit()
    with ThreadPoolExecutor(5) as pool:
        claims = list(pool.map(lambda number: take(job_id, f"worker {number}"), range(5)))
    assert [c.attempt for c in claims if c] == [1]
    assert get_job(job_id).attempt == 1


def test_a_held_job_is_not_available_until_its_lease_expires() -> None:
    _, (job_id, *_) = make_audit()
    assert take(job_id)
    assert take(job_id, "two") is None
    expire(job_id)
    second = take(job_id, "two")
    assert second is not None
    assert second.attempt == 2
    assert get_job(job_id).worker == "two"


def test_a_waiting_job_is_not_available() -> None:
    _, ids = make_audit()
    assert take(ids[1]) is None


def test_a_claim_starts_the_audit() -> None:
    audit_id, (job_id, *_) = make_audit()
    assert get_audit(audit_id).state == "queued"
    take(job_id)
    audit = get_audit(audit_id)
    assert audit.state == "running"
    assert audit.started_at is not None


def test_a_job_knows_the_kind_of_device_that_its_worker_registered() -> None:
    _, (job_id, *_) = make_audit()
    with sync_session() as session:
        session.add(WorkerNode(name="w", hardware={}, device={"kind": "cuda", "name": "GPU"}))
    with sync_session() as session:
        assert claim(session, job_id, worker="w", lease_seconds=60)
    assert get_job(job_id).device == "cuda"


def test_what_a_fenced_worker_writes_is_rejected() -> None:
    _, (job_id, *_) = make_audit()
    first = take(job_id)
    expire(job_id)
    take(job_id, "two")
    assert first is not None
    with pytest.raises(LeaseLostError), sync_session() as session:
        extend(session, first, lease_seconds=60, done=1, total=2)
    with pytest.raises(LeaseLostError), sync_session() as session:
        finish(session, job_id, first.attempt, JobState.SUCCEEDED, result={"from": "first"})
    job = get_job(job_id)
    assert (job.state, job.result, job.done) == ("running", None, 0)


def test_extending_moves_the_lease_and_notes_progress() -> None:
    _, (job_id, *_) = make_audit()
    held = take(job_id)
    before = get_job(job_id).lease_until
    assert held is not None
    with sync_session() as session:
        extend(session, held, lease_seconds=600, done=3, total=7)
    job = get_job(job_id)
    assert before is not None
    assert job.lease_until is not None
    assert job.lease_until > before
    assert (job.done, job.total) == (3, 7)


def test_a_job_given_back_costs_no_attempt() -> None:
    _, (job_id, *_) = make_audit()
    held = take(job_id)
    limit = get_job(job_id).max_attempts
    assert held is not None
    with sync_session() as session:
        assert give_back(session, held) == [job_id]
    job = get_job(job_id)
    assert (job.state, job.max_attempts - job.attempt) == ("queued", limit)
