"""Claims, leases and fenced writes."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Connection, func, text, update

from app.db.models import Audit, Job, WorkerNode
from app.db.session import configured_url, sync_session
from app.db.states import JobState
from app.jobs import fairness
from app.jobs.again import postpone
from app.jobs.beats import News, beat, check, running_jobs
from app.jobs.dispatch import _request_cancel
from app.jobs.events import record
from app.jobs.intake import add_job
from app.jobs.leases import Claim, _claim, claim, give_back
from app.jobs.stages import Stage
from app.jobs.starts import record_start
from app.jobs.transitions import LeaseLostError, finish, lock_audit
from app.settings import settings
from tests.worker.rows import (
    event_numbers,
    events_of,
    expire,
    get_audit,
    get_job,
    make_audit,
    set_job,
    shards_of,
    until_one_waits,
)
from worker.job.heartbeat import heartbeat_engine, pause_between_checks

pytestmark = pytest.mark.usefixtures("settings_env")


def take(job_id: object, worker: str = "one") -> Claim | None:
    with sync_session() as session:
        return claim(session, job_id, worker=worker, lease_seconds=60)  # type: ignore[arg-type]


@contextmanager
def connected() -> Iterator[Connection]:
    """Yield a connection of heartbeats, on which each statement is a transaction."""
    engine = heartbeat_engine(configured_url())
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


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


def test_the_start_of_a_job_starts_the_audit_and_is_told_once() -> None:
    audit_id, (job_id, *_) = make_audit()
    held = take(job_id)
    assert held is not None
    assert get_audit(audit_id).state == "queued"
    for _ in range(2):  # the connection broke during the first commit
        with sync_session() as session:
            record_start(session, held, "one")
    audit = get_audit(audit_id)
    assert audit.state == "running"
    assert audit.started_at is not None
    assert events_of(audit_id, "audit") == [{"state": "running"}]
    about = {"job_id": str(job_id), "stage": "references", "shard": 0, "shards": 1}
    assert events_of(audit_id, "job")[-1] == about | {"state": "running", "attempt": 1, "worker": "one"}
    assert event_numbers(audit_id) == list(range(1, audit.event_seq + 1))


def test_a_start_that_waits_for_its_audit_takes_the_next_number() -> None:
    audit_id, (job_id, *_) = make_audit()
    held = take(job_id)
    assert held is not None

    def late() -> None:
        with sync_session() as session:
            record_start(session, held, "one")

    with ThreadPoolExecutor() as threads:
        with sync_session() as session:
            lock_audit(session, audit_id)
            waiting = threads.submit(late)
            until_one_waits(session, "the start")
            session.get_one(Job, job_id).done = 5  # as a heartbeat would
            record(session, audit_id, "job", {"job_id": str(job_id)})
        waiting.result(30)
    numbers, audit = event_numbers(audit_id), get_audit(audit_id)
    assert numbers == list(range(1, len(numbers) + 1))
    assert (audit.state, audit.event_seq, get_job(job_id).done) == ("running", len(numbers), 5)


def test_the_start_of_a_lost_attempt_is_not_told() -> None:
    audit_id, (job_id, *_) = make_audit()
    first = take(job_id)
    expire(job_id)
    second = take(job_id, "two")
    assert first is not None
    assert second is not None
    with pytest.raises(LeaseLostError), sync_session() as session:
        record_start(session, first, "one")
    with sync_session() as session:
        record_start(session, second, "two")
    assert [event["attempt"] for event in events_of(audit_id, "job") if event["state"] == "running"] == [2]


def test_a_claim_that_a_crash_of_the_database_undid_does_not_run() -> None:
    """Its commit does not wait for the disk. Another worker has the same attempt afterwards."""
    audit_id, (job_id, *_) = make_audit()
    first = take(job_id, "one")
    set_job(job_id, state=JobState.QUEUED, attempt=0, worker=None, lease_until=None)
    second = take(job_id, "two")
    assert first is not None
    assert second is not None
    assert first.attempt == second.attempt
    with pytest.raises(LeaseLostError), sync_session() as session:
        record_start(session, first, "one")
    with sync_session() as session:
        record_start(session, second, "two")
    assert [event["worker"] for event in events_of(audit_id, "job") if event["state"] == "running"] == ["two"]
    for write in (lambda session: give_back(session, first), lambda session: postpone(session, first, {})):
        with pytest.raises(LeaseLostError), sync_session() as session:
            write(session)
    for news in (None, News({})):
        with pytest.raises(LeaseLostError), connected() as connection:
            beat(connection, first, lease_seconds=999, done=7, total=9, news=news)
    with pytest.raises(LeaseLostError), connected() as connection:
        check(connection, first)
    job = get_job(job_id)
    assert (job.state, job.worker, job.done) == ("running", "two", 0)
    with connected() as connection:
        assert not beat(connection, second, lease_seconds=60, done=1, total=9, news=None)
    with sync_session() as session:
        give_back(session, second)
    assert get_job(job_id).state == "queued"


def test_the_commit_of_a_claim_waits_for_the_disk_unless_the_start_does() -> None:
    audit_id, (job_id, *_) = make_audit()
    with sync_session() as session:
        check_id = add_job(session, session.get_one(Audit, audit_id).project_id, Stage.INTAKE_DATASET, uuid4())
    for chosen, setting in ((job_id, "off"), (check_id, "local")):
        with sync_session() as session:
            session.execute(text("SET LOCAL synchronous_commit = local"))
            session.execute(fairness.turn(), {"the_job": chosen})
            assert session.execute(text("SHOW synchronous_commit")).scalar_one() == setting


def test_a_claim_does_not_wait_for_a_transaction_that_holds_its_audit() -> None:
    """Such as the end of another shard, a heartbeat, or an event."""
    audit_id, (job_id, *_) = make_audit()
    with sync_session() as session, ThreadPoolExecutor() as threads:
        lock_audit(session, audit_id)
        try:
            assert threads.submit(take, job_id).result(60) is not None
        finally:
            session.rollback()


def test_a_claim_holds_its_turn_no_longer_than_the_database_works() -> None:
    """It is committed in the same round trip, however late its worker goes on."""
    _, (job_id, other, *_) = make_audit()
    set_job(other, state=JobState.QUEUED)
    with sync_session() as session, ThreadPoolExecutor() as threads:
        assert claim(session, job_id, worker="one", lease_seconds=60) is not None
        assert threads.submit(take, other, "two").result(60) is not None


@pytest.mark.parametrize("first", ["claim", "cancellation"])
def test_of_a_claim_and_a_cancellation_at_once_the_first_wins(first: str) -> None:
    audit_id, (job_id, *others) = make_audit()

    def cancel() -> None:
        with sync_session() as session:
            _request_cancel(session, audit_id)

    with ThreadPoolExecutor() as threads, sync_session() as session:
        later: Future[Any]
        if first == "claim":
            values = {"the_job": job_id, "of_worker": "w", "lease_seconds": 60.0}
            assert session.execute(_claim(), values).one().attempt == 1
            later = threads.submit(cancel)
        else:
            _request_cancel(session, audit_id)
            later = threads.submit(take, job_id)
        until_one_waits(session, "the second transaction")
        session.commit()
        assert later.result(30) is None
    states = {get_job(one).state for one in others}
    assert (get_job(job_id).state, states) == ("running" if first == "claim" else "cancelled", {"cancelled"})
    assert get_audit(audit_id).state == ("cancelling" if first == "claim" else "cancelled")
    if first == "claim":
        with pytest.raises(LeaseLostError), sync_session() as session:
            finish(session, job_id, 2, JobState.CANCELLED)
        with sync_session() as session:
            finish(session, job_id, 1, JobState.CANCELLED)
        assert get_audit(audit_id).state == "cancelled"


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
    for news in (None, News({"loss": 1.0})):
        with pytest.raises(LeaseLostError), connected() as connection:
            beat(connection, first, lease_seconds=60, done=1, total=2, news=news)
    with pytest.raises(LeaseLostError), sync_session() as session:
        finish(session, job_id, first.attempt, JobState.SUCCEEDED, result={"from": "first"})
    job = get_job(job_id)
    assert (job.state, job.result, job.done) == ("running", None, 0)


def test_extending_moves_the_lease_and_notes_progress() -> None:
    _, (job_id, *_) = make_audit()
    held = take(job_id)
    before = get_job(job_id).lease_until
    assert held is not None
    with connected() as connection:
        assert beat(connection, held, lease_seconds=600, done=3, total=7, news=None) is False
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


def test_workers_that_choose_the_same_shard_at_once_take_different_ones() -> None:
    shards = shards_of("attack")
    with ThreadPoolExecutor(6) as pool:
        claims = list(pool.map(lambda number: take(shards[0], f"worker {number}"), range(6)))
    assert len(shards) == 5
    assert sorted(one.job_id for one in claims if one) == sorted(shards)
    assert {get_job(job_id).attempt for job_id in shards} == {1}
    set_job(shards[0], state=JobState.QUEUED)
    set_job(shards[1], state=JobState.SUCCEEDED)
    assert take(shards[1]) is None, "a shard that has ended stands for no other"


def test_a_heartbeat_with_news_writes_the_event_and_hears_of_a_cancellation() -> None:
    audit_id, (job_id, *_) = make_audit()
    held = take(job_id)
    assert held is not None
    with connected() as connection:
        assert beat(connection, held, lease_seconds=60, done=1, total=2, news=News({"loss": 0.5})) is False
        assert check(connection, held) is False
        with sync_session() as session:
            session.execute(update(Audit).where(Audit.id == audit_id).values(cancel_requested_at=func.now()))
        assert check(connection, held) is True
        assert beat(connection, held, lease_seconds=60, done=2, total=2, news=None) is True
        assert beat(connection, held, lease_seconds=60, done=2, total=2, news=News({})) is True
    first, last = events_of(audit_id, "progress")
    assert (first["job_id"], first["done"], first["metrics"]) == (str(job_id), 1, {"loss": 0.5})
    assert (last["done"], last["total"]) == (2, 2)
    assert event_numbers(audit_id) == list(range(1, get_audit(audit_id).event_seq + 1))


@pytest.mark.parametrize("lost", [False, True])
def test_a_heartbeat_that_waits_for_its_audit_sees_what_happened_meanwhile(lost: bool) -> None:
    """Its event takes the next number, and none if the job was lost while it waited."""
    audit_id, (job_id, *_) = make_audit()
    held = take(job_id)
    assert held is not None

    def late() -> bool:
        with connected() as connection:
            return beat(connection, held, lease_seconds=60, done=1, total=2, news=News({}))

    with ThreadPoolExecutor() as threads:
        with sync_session() as session:
            lock_audit(session, audit_id)
            waiting: Future[bool] = threads.submit(late)
            until_one_waits(session, "a heartbeat")
            other = session.get_one(Job, job_id)
            if lost:
                other.attempt += 1
            else:
                other.done = 5
            record(session, audit_id, "job", {"job_id": str(job_id)})
        if lost:
            with pytest.raises(LeaseLostError):
                waiting.result(30)
        else:
            assert waiting.result(30) is False
    numbers = event_numbers(audit_id)
    assert numbers == list(range(1, len(numbers) + 1))
    assert get_audit(audit_id).event_seq == len(numbers)
    assert len(events_of(audit_id, "progress")) == (0 if lost else 1)
    assert get_job(job_id).done == (0 if lost else 1)


def test_all_running_jobs_share_the_checks_for_a_cancellation() -> None:
    assert pause_between_checks(1) == pause_between_checks(100) == 0.4
    assert pause_between_checks(1000) == 4
    assert pause_between_checks(1_000_000) == settings().heartbeat_seconds
    _, (job_id, *_) = make_audit()
    with connected() as connection:
        before = running_jobs(connection)
        assert take(job_id)
        assert running_jobs(connection) == before + 1
