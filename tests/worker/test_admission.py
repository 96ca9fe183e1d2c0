"""A job runs where it fits: memory of the device, and devices in order."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import ClauseElement, Executable
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from app.db.models import Job, WorkerNode
from app.db.session import sync_session
from app.jobs import admission, fairness
from app.jobs.broker import QUEUE, QUEUES
from app.jobs.dispatch import _request_cancel, publish_now
from app.jobs.intake import add_job
from app.jobs.leases import Claim, _claim, claim
from app.jobs.stages import AUDIT_STAGES, Stage
from app.jobs.starts import record_start
from app.scheduler import admission as telling
from app.scheduler import reaper
from tests.worker.rows import events_of, get_audit, get_job, make_audit, set_job, until_one_waits
from worker.runtime.alone import next_beside, run_next

pytestmark = pytest.mark.usefixtures("settings_env")

GIB = 1024**3
LONG_AGO = datetime.now(UTC) - timedelta(hours=1)


def register(name: str, gib: int | None = None, **values: Any) -> None:
    device = {"kind": "cuda", "name": f"GPU of {gib} GiB"}
    with sync_session() as session:
        session.add(WorkerNode(name=name, device=device, memory_bytes=gib and gib * GIB, **values))


def take(job_id: UUID, worker: str) -> Claim | None:
    with sync_session() as session:
        return claim(session, job_id, worker=worker, lease_seconds=60)


def next_for(job_id: UUID, worker: str) -> UUID | None:
    with sync_session() as session:
        return next_beside(session, job_id, worker)


def demanding(gib: float) -> tuple[UUID, UUID]:
    """Return an audit and its first job, which needs this memory."""
    audit_id, (job_id, *_) = make_audit()
    set_job(job_id, needs_bytes=int(gib * GIB), created_at=LONG_AGO, published_at=LONG_AGO)
    return audit_id, job_id


def test_a_worker_of_unknown_memory_may_run_every_job() -> None:
    _, job_id = demanding(12)
    assert take(job_id, "unknown") is not None


def test_a_job_is_claimed_by_a_worker_with_enough_memory_only() -> None:
    register("small", 8)
    register("exact", 12)
    _, job_id = demanding(12)
    assert take(job_id, "small") is None
    set_job(job_id, needs_bytes=12 * GIB + 1)
    assert take(job_id, "exact") is None
    set_job(job_id, needs_bytes=12 * GIB)
    assert take(job_id, "exact")


def test_a_worker_takes_another_job_than_one_that_does_not_fit() -> None:
    register("small", 8)
    register("large", 80)
    _, large = demanding(40)
    _, (other, *_) = make_audit()
    assert next_for(large, "small") == other
    assert next_for(other, "large") == large


def test_a_lost_job_is_not_taken_over_by_a_worker_that_it_does_not_fit() -> None:
    register("small", 8)
    register("large", 80)
    _, job_id = demanding(40)
    assert take(job_id, "large")
    set_job(job_id, lease_until=LONG_AGO)
    assert take(job_id, "small") is None
    assert take(job_id, "large")


def test_a_worker_whose_device_fails_still_checks_uploads() -> None:
    register("broken", 8, problem="The GPU no longer answers.")
    _, (job_id, *_) = make_audit()
    with sync_session() as session:
        check = add_job(session, session.get_one(Job, job_id).project_id, Stage.INTAKE_DATASET, uuid4())
    assert take(job_id, "broken") is None
    assert next_for(job_id, "broken") is None
    assert take(check, "broken")


def test_a_message_is_passed_on_to_a_worker_that_has_nothing_to_do(redis: Any) -> None:
    register("small", 8)
    register("large", 80)
    _, job_id = demanding(40)
    ran: list[UUID] = []

    def start(chosen: UUID, alone: bool) -> bool:
        ran.append(chosen)
        return take(chosen, "large") is not None

    run_next(job_id, start, "small")
    assert (ran, redis.llen(QUEUE)) == ([], 1)
    run_next(job_id, start, "large")
    assert ran == [job_id]
    _, waits = demanding(40)
    redis.flushdb()
    run_next(waits, start, "small")
    assert redis.llen(QUEUE) == 0, "the only worker that it fits is busy"
    with sync_session() as session:
        assert reaper.unsent_jobs(session, dict.fromkeys(QUEUES, 0)) == []
        assert len(session.execute(fairness.may_run(AUDIT_STAGES)).all()) == 1, "but a worker is wanted for it"


def test_a_job_that_fits_no_worker_says_so_with_what_would() -> None:
    register("small", 8)
    register("checker", 64, hardware={"queues": ["exhume-checks"]})
    register("gone", 80, seen_at=LONG_AGO)
    audit_id, job_id = demanding(12.3)
    assert telling.tick() == 1
    assert telling.tick() == 0, "once"
    problem = get_audit(audit_id).problem
    assert problem is not None
    assert problem == get_job(job_id).problem == events_of(audit_id, "job")[-1]["problem"]
    assert problem["code"] == "no_worker_fits"
    assert "waits for a worker with at least 12.3 GiB of memory" in problem["detail"]
    assert get_audit(audit_id).state == "queued"
    register("large", 80)
    held = take(job_id, "large")
    assert held is not None
    with sync_session() as session:
        record_start(session, held, "large")
    assert (get_job(job_id).problem, get_audit(audit_id).problem) == (None, None)


LOST: dict[str, Any] = {"problem": "The GPU no longer answers."}
CHECKER: dict[str, Any] = {"hardware": {"queues": ["exhume-checks"]}}


@pytest.mark.parametrize(
    ("nodes", "part"),
    [
        ([], "no worker is running. Start one."),
        ([("small", 8, {})], "The only worker has 8.0 GiB (GPU of 8 GiB). Start one on a device with more memory"),
        ([("small", 8, {}), ("other", 4, {})], "The largest of 2 workers has 8.0 GiB (GPU of 8 GiB)."),
        ([("lost", 80, LOST)], "The worker lost cannot use its device: The GPU no longer answers. Or start another"),
        ([("lost", None, LOST)], "The worker lost cannot use its device: The GPU no longer answers. Or start another"),
        (
            [("lost", 80, LOST), ("too", 80, LOST)],
            "None of the 2 workers for this stage can use its device. The worker lost",
        ),
        ([("checker", 64, CHECKER)], "Those that are running do not read its queue. Start another."),
        ([("small", 8, {}), ("lost", 80, LOST)], "The only worker for this stage has 8.0 GiB (GPU of 8 GiB)."),
        ([("small", 8, {}), ("checker", 64, CHECKER)], "The only worker for this stage has 8.0 GiB (GPU of 8 GiB)."),
    ],
)
def test_what_would_fit_is_said_in_a_sentence(nodes: list[tuple[str, int | None, dict[str, Any]]], part: str) -> None:
    for name, gib, values in nodes:
        register(name, gib, **values)
    _, job_id = demanding(12)
    with sync_session() as session:
        assert part in admission.why_stranded(session, session.get_one(Job, job_id))


def test_a_job_without_needs_says_why_the_only_worker_does_not_take_it() -> None:
    audit_id, (job_id, *_) = make_audit()
    assert telling.tick() == 0, "a worker may be about to start"
    register("lost", 80, **LOST)
    assert telling.tick() == 1
    problem = get_audit(audit_id).problem
    assert problem is not None
    assert "waits for a worker. The worker lost cannot use its device: The GPU no longer" in problem["detail"]
    register("other", 80)
    assert take(job_id, "lost") is None
    assert take(job_id, "other") is not None
    assert get_job(job_id).problem is None


def test_checks_of_uploads_do_not_wait_for_a_device() -> None:
    register("lost", 80, **LOST)
    _, (job_id, *_) = make_audit()
    with sync_session() as session:
        add_job(session, session.get_one(Job, job_id).project_id, Stage.INTAKE_RELEASE, uuid4())
    assert telling.tick() == 1, "of the audit alone"


def test_a_job_says_nothing_if_a_worker_has_come_meanwhile() -> None:
    _, job_id = demanding(12)
    register("large", 80)
    with sync_session() as session:
        telling.tell(session, job_id)
    assert get_job(job_id).problem is None


class Explained(Executable, ClauseElement):
    """The plan of a statement."""

    inherit_cache = False

    def __init__(self, statement: ClauseElement) -> None:
        self.statement = statement


@compiles(Explained)
def _explain(element: Explained, compiler: SQLCompiler, **more: Any) -> str:
    return f"EXPLAIN {compiler.process(element.statement, **more)}"


def test_the_workers_are_looked_at_once_for_all_queued_jobs() -> None:
    """Ten thousand queued jobs on a thousand workers would be ten million pairs."""
    register("small", 8)
    demanding(12)
    with sync_session() as session:
        for statement in (admission.stranded(), fairness.may_run(AUDIT_STAGES, admission.some_worker_fits(idle=True))):
            lines = "\n".join(session.execute(Explained(statement)).scalars())
            assert "InitPlan" in lines
            assert "SubPlan" not in lines


def test_a_cancelled_audit_no_longer_waits_for_a_worker() -> None:
    audit_id, _ = demanding(12)
    telling.tick()
    assert get_audit(audit_id).problem is not None
    with sync_session() as session:
        _request_cancel(session, audit_id)
    assert (get_audit(audit_id).state, get_audit(audit_id).problem) == ("cancelled", None)


def test_projects_share_the_workers_that_their_jobs_fit() -> None:
    register("small", 8)
    first, second = demanding(40)[1], demanding(40)[1]
    _, (third, *_) = make_audit()
    publish_now([first, second, third])
    assert next_for(first, "small") == third
    assert take(third, "small")
    assert next_for(first, "small") is None


def test_a_job_that_is_claimed_meanwhile_says_nothing() -> None:
    """A claim does not lock the audit, so it may have the job in hand."""
    audit_id, job_id = demanding(12)
    with ThreadPoolExecutor() as threads, sync_session() as session:
        values = {"the_job": job_id, "of_worker": "of unknown memory", "lease_seconds": 60.0}
        assert session.execute(_claim(), values).one().attempt == 1
        said = threads.submit(tell, job_id)
        until_one_waits(session, "the scheduler")
        session.commit()
        said.result(30)
    assert (get_job(job_id).problem, get_audit(audit_id).problem) == (None, None)


def tell(job_id: UUID) -> None:
    with sync_session() as session:
        telling.tell(session, job_id)
