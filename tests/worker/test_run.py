"""One job from claim to end: success, failure, cancellation, loss of the lease, restart."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from app.db.models import Audit, Job
from app.db.session import sync_session
from app.errors import UnprocessableError
from app.scheduler import reaper
from app.settings import settings
from tests.embedded_servers import TestServers
from tests.worker.rows import drain, events_of, expire, get_audit, get_job, jobs_of, make_audit, set_job
from worker.job.context import Outcome, Stage, StageContext
from worker.runtime.run import run_claimed

pytestmark = pytest.mark.usefixtures("fast_leases")


@pytest.fixture
def fast_leases(settings_env: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Set the heartbeat to a fifth of a second."""
    monkeypatch.setenv("EXHUME_HEARTBEAT_SECONDS", "0.2")
    monkeypatch.setenv("EXHUME_LEASE_SECONDS", "3")
    settings.cache_clear()


def only(stage: Stage) -> Callable[[str], Stage]:
    return lambda name: stage


def until(condition: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def test_a_stages_rows_and_its_end_are_one_transaction() -> None:
    audit_id, (job_id, *_) = make_audit()

    def write(session: Session) -> None:
        session.execute(update(Audit).where(Audit.id == audit_id).values(frozen_digest="written"))

    run_claimed(job_id, only(lambda context: Outcome({"figure": 1}, write)))
    job = get_job(job_id)
    assert (job.state, (job.result or {})["figure"]) == ("succeeded", 1)
    assert get_audit(audit_id).frozen_digest == "written"
    assert job.peak_memory_bytes is not None
    assert job.peak_memory_bytes > 10_000_000
    assert [event["seconds"] >= 0 for event in events_of(audit_id, "job") if event["state"] == "succeeded"] == [True]


def test_when_the_rows_cannot_be_written_the_job_has_not_succeeded() -> None:
    audit_id, (job_id, *_) = make_audit()

    def write(session: Session) -> None:
        session.execute(update(Audit).where(Audit.id == audit_id).values(frozen_digest="written"))
        raise ZeroDivisionError

    run_claimed(job_id, only(lambda context: Outcome({}, write)))
    assert get_job(job_id).state == "queued"
    assert get_audit(audit_id).frozen_digest is None


def test_a_duplicate_message_does_nothing() -> None:
    _, (job_id, *_) = make_audit()
    runs: list[UUID] = []

    def stage(context: StageContext) -> Outcome:
        runs.append(context.claim.job_id)
        if len(runs) == 1:
            run_claimed(job_id, only(stage))
        return Outcome()

    run_claimed(job_id, only(stage))
    run_claimed(job_id, only(stage))
    assert runs == [job_id]


def test_an_unexpected_error_is_tried_again_up_to_the_limit() -> None:
    audit_id, (job_id, *_) = make_audit()

    def stage(context: StageContext) -> Outcome:
        raise RuntimeError("no luck")

    run_claimed(job_id, only(stage))
    assert get_job(job_id).state == "queued"
    drain(audit_id, lambda ready: run_claimed(ready, only(stage)))
    job, audit = get_job(job_id), get_audit(audit_id)
    assert (job.state, job.attempt) == ("failed", settings().job_max_attempts)
    assert audit.state == "failed"
    assert audit.problem is not None
    assert "no luck" in audit.problem["detail"]
    assert "not in what you uploaded. Start the audit again" in audit.problem["detail"]


@pytest.mark.parametrize(
    "error", [MemoryError(), RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes")]
)
def test_too_little_memory_is_named_and_no_fault_of_the_service(error: Exception) -> None:
    audit_id, (job_id, *_) = make_audit()

    def stage(context: StageContext) -> Outcome:
        raise error

    drain(audit_id, lambda ready: run_claimed(ready, only(stage)))
    problem = get_audit(audit_id).problem
    assert problem is not None
    assert problem["code"] == "out_of_memory"
    assert "audit fewer identities" in problem["detail"]
    assert get_job(job_id).attempt == settings().job_max_attempts


def test_a_problem_of_the_input_is_not_tried_again() -> None:
    audit_id, (job_id, *_) = make_audit()

    def stage(context: StageContext) -> Outcome:
        raise UnprocessableError("too_few", "Add images.")

    run_claimed(job_id, only(stage))
    assert get_job(job_id).attempt == 1
    problem = get_audit(audit_id).problem
    assert problem is not None
    assert (problem["code"], problem["detail"]) == ("too_few", "Add images.")


def test_a_cancel_stops_the_stage_at_its_next_checkpoint() -> None:
    audit_id, (job_id, *_) = make_audit()
    steps: list[int] = []

    def stage(context: StageContext) -> Outcome:
        with sync_session() as session:
            session.execute(update(Audit).where(Audit.id == audit_id).values(cancel_requested_at=datetime.now(UTC)))
        for step in range(1000):
            context.progress(step, 1000)
            steps.append(step)
            time.sleep(0.02)
        return Outcome()

    run_claimed(job_id, only(stage))
    assert len(steps) < 1000
    assert get_job(job_id).state == "cancelled"
    assert get_audit(audit_id).state == "cancelled"


def test_a_worker_that_lost_its_lease_stops_and_writes_nothing() -> None:
    audit_id, (job_id, *_) = make_audit()
    ended: list[str] = []

    def write(session: Session) -> None:
        session.execute(update(Audit).where(Audit.id == audit_id).values(frozen_digest="by a fenced worker"))

    def slow(context: StageContext) -> Outcome:
        set_job(job_id, attempt=Job.attempt + 1, worker="another")  # like a claim after the lease has expired
        for step in range(1000):
            context.progress(step, 1000)
            time.sleep(0.02)
        ended.append("to its end")
        return Outcome({"from": "fenced"}, write)

    run_claimed(job_id, only(slow))
    job = get_job(job_id)
    assert ended == []
    assert (job.state, job.result, job.worker) == ("running", None, "another")
    assert get_audit(audit_id).frozen_digest is None


def test_a_result_that_comes_after_the_lease_was_lost_is_dropped() -> None:
    audit_id, (job_id, *_) = make_audit()

    def write(session: Session) -> None:
        session.execute(update(Audit).where(Audit.id == audit_id).values(frozen_digest="by a fenced worker"))

    def quick(context: StageContext) -> Outcome:
        set_job(job_id, attempt=Job.attempt + 1, worker="another")
        return Outcome({"from": "fenced"}, write)

    run_claimed(job_id, only(quick))
    job = get_job(job_id)
    assert (job.state, job.result, job.worker) == ("running", None, "another")
    assert get_audit(audit_id).frozen_digest is None


def test_the_heartbeat_keeps_the_lease_of_a_stage_that_computes() -> None:
    _, (job_id, *_) = make_audit()

    def busy(context: StageContext) -> Outcome:
        end = time.monotonic() + 4.5  # longer than the lease
        while time.monotonic() < end:
            sum(range(10_000))
        with sync_session() as session:
            assert reaper.expired_jobs(session) == []
        return Outcome()

    run_claimed(job_id, only(busy))
    assert (get_job(job_id).state, get_job(job_id).attempt) == ("succeeded", 1)


def test_progress_is_reported_at_most_once_in_a_pause_and_the_last_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings(), "heartbeat_seconds", 1.0)  # more than two polls
    audit_id, (job_id, *_) = make_audit()
    began = time.monotonic()

    def stage(context: StageContext) -> Outcome:
        for step in range(300):
            context.progress(step, 300, {"loss": 1.0})
            time.sleep(0.01)
        return Outcome()

    run_claimed(job_id, only(stage))
    events = events_of(audit_id, "progress")
    assert 1 <= len(events) <= 1 + (time.monotonic() - began) / settings().heartbeat_seconds
    assert events[-1]["metrics"] == {"loss": 1.0}
    assert get_job(job_id).done == events[-1]["done"]


def test_a_job_outlives_a_restart_of_postgresql(servers: TestServers) -> None:
    audit_id, (job_id, *_) = make_audit()

    def stage(context: StageContext) -> Outcome:
        servers.running.restart_postgres()
        for step in range(20):
            context.progress(step, 20)
            time.sleep(0.02)
        return Outcome({"figure": context.read(lambda session: session.get_one(Audit, audit_id).plan["seed"])})

    run_claimed(job_id, only(stage))
    job = get_job(job_id)
    assert (job.state, job.attempt, (job.result or {})["figure"]) == ("succeeded", 1, 0)


def test_the_write_waits_while_postgresql_is_away(servers: TestServers) -> None:
    _, (job_id, *_) = make_audit()
    process = servers.running._postgres().process
    gone = threading.Event()

    def stage(context: StageContext) -> Outcome:
        process.stop()
        gone.set()
        return Outcome({"figure": 1})

    worker = threading.Thread(target=run_claimed, args=(job_id, only(stage)))
    worker.start()
    assert gone.wait(20)
    time.sleep(1)
    servers.running.revive()  # by the main thread: a server dies with the thread that started it
    worker.join(30)
    assert (get_job(job_id).state, get_job(job_id).attempt) == ("succeeded", 1)


def test_a_shutdown_gives_the_job_back() -> None:
    _, (job_id, *_) = make_audit()

    def stage(context: StageContext) -> Outcome:
        raise SystemExit

    with pytest.raises(SystemExit):
        run_claimed(job_id, only(stage))
    job = get_job(job_id)
    assert (job.state, job.max_attempts - job.attempt) == ("queued", settings().job_max_attempts)


def test_a_shutdown_after_the_lease_was_lost_still_ends_the_worker() -> None:
    _, (job_id, *_) = make_audit()

    def stage(context: StageContext) -> Outcome:
        set_job(job_id, attempt=Job.attempt + 1, worker="another")
        raise SystemExit

    with pytest.raises(SystemExit):
        run_claimed(job_id, only(stage))
    assert (get_job(job_id).state, get_job(job_id).worker) == ("running", "another")


class TestReaper:
    def claim(self, job_id: UUID) -> None:
        """A claim whose worker dies."""

        class Died(BaseException):
            """Leave the row as `kill -9` would."""

        def stage(context: StageContext) -> Outcome:
            raise Died

        with pytest.raises(Died):
            run_claimed(job_id, only(stage))

    def test_a_lost_job_is_queued_again_and_published(self, redis: Any) -> None:
        _, (job_id, *_) = make_audit()
        self.claim(job_id)
        assert reaper.tick() == 0
        expire(job_id)
        assert reaper.tick() >= 1
        assert get_job(job_id).state == "queued"
        set_job(job_id, created_at=datetime(2026, 1, 1, tzinfo=UTC))
        reaper.tick()
        assert redis.llen("exhume") == 1
        run_claimed(job_id, only(lambda context: Outcome()))
        assert (get_job(job_id).state, get_job(job_id).attempt) == ("succeeded", 2)

    def test_a_job_that_kills_its_workers_fails_at_the_limit(self) -> None:
        audit_id, (job_id, *_) = make_audit()
        for _ in range(settings().job_max_attempts):
            self.claim(job_id)
            expire(job_id)
            reaper.tick()
        job = get_job(job_id)
        assert (job.state, job.attempt) == ("failed", settings().job_max_attempts)
        assert job.problem is not None
        assert job.problem["code"] == "worker_lost"
        assert get_audit(audit_id).state == "failed"

    def test_a_lost_job_of_a_cancelled_audit_is_cancelled(self) -> None:
        audit_id, (job_id, *_) = make_audit()
        self.claim(job_id)
        with sync_session() as session:
            session.execute(update(Audit).where(Audit.id == audit_id).values(cancel_requested_at=datetime.now(UTC)))
        expire(job_id)
        reaper.tick()
        assert get_job(job_id).state == "cancelled"
        assert get_audit(audit_id).state == "cancelled"
        assert jobs_of(audit_id, "score")[0].state == "cancelled"
