"""Which job is next: projects share the workers by weight, and none exceeds its limits."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text, update

from app.db.models import Job, ProjectLimit
from app.db.session import sync_session
from app.jobs import admission, fairness, leases
from app.jobs.broker import QUEUES
from app.jobs.budget import processor_seconds
from app.jobs.dispatch import publish_now
from app.jobs.intake import add_job
from app.jobs.leases import Claim, claim, give_back
from app.jobs.stages import AUDIT_STAGES, Stage
from app.scheduler import reaper
from app.settings import settings
from tests.worker.rows import PLAN, get_job, make_audit, make_project, set_job
from worker.job.context import Outcome
from worker.runtime.alone import next_beside
from worker.runtime.run import run_claimed

pytestmark = pytest.mark.usefixtures("settings_env")

LONG_AGO = datetime.now(UTC) - timedelta(hours=2)


def make_checks(count: int, stage: Stage = Stage.INTAKE_DATASET) -> list[UUID]:
    """Return queued checks of a new project."""
    with sync_session() as session:
        project = make_project(session)
        return [add_job(session, project.id, stage, uuid4()) for _ in range(count)]


def limit(job_id: UUID, **values: Any) -> None:
    with sync_session() as session:
        project_id = session.get_one(Job, job_id).project_id
        session.add(ProjectLimit(project_id=project_id, updated_by="test", **values))


def take(job_id: UUID) -> Claim | None:
    with sync_session() as session:
        return claim(session, job_id, worker="w", lease_seconds=60)


def order(stages: tuple[Stage, ...], *, seconds: float, count: int) -> list[UUID]:
    """Run jobs one after another, each for as long, and return them in their order."""
    found: list[UUID] = []
    for _ in range(count):
        with sync_session() as session:
            job_id = fairness.choose(session, stages)
        assert job_id is not None
        assert take(job_id)
        now = datetime.now(UTC)
        set_job(job_id, state="succeeded", started_at=now - timedelta(seconds=seconds), finished_at=now)
        found.append(job_id)
    return found


def test_a_project_with_many_uploads_does_not_delay_the_checks_of_another() -> None:
    many, few = make_checks(50), make_checks(2)
    assert order(fairness.CHECK_STAGES, seconds=30, count=5) == [many[0], few[0], many[1], few[1], many[2]]


def test_projects_share_by_weight() -> None:
    heavy, light = make_checks(9), make_checks(9)
    limit(heavy[0], weight=3)
    first = order(fairness.CHECK_STAGES, seconds=30, count=8)
    assert len(set(first) & set(heavy)) == 6
    assert len(set(first) & set(light)) == 2


def test_work_of_long_ago_no_longer_counts() -> None:
    first, second = make_checks(2), make_checks(1)
    set_job(first[0], state="succeeded", started_at=LONG_AGO, finished_at=LONG_AGO + timedelta(hours=1))
    with sync_session() as session:
        assert fairness.choose(session, fairness.CHECK_STAGES) == first[1]
    set_job(first[0], started_at=datetime.now(UTC) - timedelta(seconds=9), finished_at=datetime.now(UTC))
    with sync_session() as session:
        assert fairness.choose(session, fairness.CHECK_STAGES) == second[0]


def test_of_many_jobs_that_ended_the_newest_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """A claim reads no more of them, however many a fleet ends in an hour."""
    first, second = make_checks(2), make_checks(2)
    now = datetime.now(UTC)
    for job_id, ago, seconds in ((first[0], 60, 900), (second[0], 1, 9)):
        ended = now - timedelta(seconds=ago)
        set_job(job_id, state="succeeded", started_at=ended - timedelta(seconds=seconds), finished_at=ended)
    for most, chosen in ((1, first[1]), (2, second[1])):
        monkeypatch.setattr(fairness, "MOST_COUNTED", most)
        fairness._next.cache_clear()
        with sync_session() as session:
            assert fairness.choose(session, fairness.CHECK_STAGES) == chosen
    fairness._next.cache_clear()


def test_work_that_began_long_ago_counts_while_it_runs() -> None:
    first, second = make_checks(2), make_checks(1)
    limit(first[0], running_checks=2)
    set_job(first[0], state="running", started_at=LONG_AGO, lease_until=datetime.now(UTC) + timedelta(hours=1))
    with sync_session() as session:
        assert fairness.choose(session, fairness.CHECK_STAGES) == second[0]
        project_id = session.get_one(Job, first[0]).project_id
        hours = session.execute(select(processor_seconds(project_id).scalar_subquery() / 3600)).scalar_one()
    now = datetime.now(UTC)
    month = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)  # the budget is one of a month
    assert hours == pytest.approx((now - max(LONG_AGO, month)) / timedelta(hours=1), abs=0.1)


def test_the_time_that_a_job_waits_in_the_queue_does_not_count() -> None:
    first, second = make_checks(1), make_checks(1)
    taken = take(first[0])
    assert taken is not None
    set_job(first[0], started_at=LONG_AGO + timedelta(hours=1, minutes=50))
    with sync_session() as session:
        give_back(session, taken)
    with sync_session() as session:
        project_id = session.get_one(Job, first[0]).project_id
        assert session.execute(processor_seconds(project_id)).scalar_one() == 0
        assert fairness.choose(session, fairness.CHECK_STAGES) == first[0], (
            f"neither has had any time, and {second} is the younger"
        )


def test_notes_about_messages_do_not_wait_for_a_transaction_that_moves_jobs(redis: Any) -> None:
    """Check that they cannot deadlock with it. The jobs that it holds are noted next time."""
    held, other = make_checks(2)
    set_job(held, published_at=LONG_AGO, not_before=datetime.now(UTC) + timedelta(hours=1))
    with sync_session() as session, ThreadPoolExecutor() as threads:
        session.get_one(Job, held, with_for_update=True)
        try:
            assert threads.submit(hold_back_checks).result(60) is None
            set_job(other, not_before=None)
            assert threads.submit(publish_now, [held, other]).result(60) == 1
        finally:
            session.rollback()
    assert get_job(other).published_at is not None
    assert get_job(held).published_at == LONG_AGO
    hold_back_checks()
    assert get_job(held).published_at is None


def hold_back_checks() -> None:
    with sync_session() as session:
        fairness.hold_back(session, fairness.CHECK_STAGES)


def test_a_claim_reads_the_oldest_stage_of_each_project_however_long_the_queue_is() -> None:
    for _ in range(2):
        _, ids = make_audit(PLAN | {"identities": list(range(200))})
        with sync_session() as session:
            session.execute(update(Job).where(Job.id.in_(ids)).values(state="queued"))
    with sync_session() as session:
        session.execute(text("ANALYZE job"))
        session.execute(text("SET LOCAL enable_seqscan = off"))  # of a table that is small here
        statement = fairness._next(AUDIT_STAGES).compile(session.get_bind(), compile_kwargs={"literal_binds": True})
        (plan,) = session.execute(text(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}".replace(":", r"\:"))).scalar_one()
        assert fairness.choose(session, AUDIT_STAGES) is not None
    assert 2 <= sum(rows_of_jobs(plan["Plan"])) < 20


def rows_of_jobs(node: dict[str, Any]) -> Iterator[float]:
    """Return how many rows of the queue each part of a plan reads."""
    if node.get("Relation Name") == "job":
        yield node["Actual Loops"] * (node["Actual Rows"] + node.get("Rows Removed by Filter", 0))
    for child in node.get("Plans", ()):
        yield from rows_of_jobs(child)


def test_while_one_upload_is_checked_another_of_the_same_project_waits_and_others_do_not() -> None:
    mine, other = make_checks(2), make_checks(1)
    assert take(mine[0])
    assert take(mine[1]) is None, "one check of a project at once"
    with sync_session() as session:
        assert fairness.choose(session, fairness.CHECK_STAGES) == other[0]
        project_id = session.get_one(Job, mine[0]).project_id
        fetch_id = add_job(session, project_id, Stage.FETCH, uuid4())
    assert take(fetch_id), "an import does not count as a check"


def test_a_setting_that_changes_counts_from_the_next_claim_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Statements are kept for the life of a process. Settings are read at each execution."""
    mine = make_checks(3)
    assert take(mine[0])
    assert take(mine[1]) is None
    monkeypatch.setattr(settings(), "max_running_checks", 2)
    assert take(mine[1])
    assert take(mine[2]) is None


def test_a_limit_of_running_stages_holds_back_and_the_end_of_a_job_sends_the_next(redis: Any) -> None:
    _, first = make_audit()
    limit(first[0], running_jobs=1)
    with sync_session() as session:
        job = session.get_one(Job, first[0])
        more = Job(
            project_id=job.project_id, audit_id=job.audit_id, stage="prepare", shard=7, state="queued", max_attempts=3
        )
        session.add(more)
        session.flush()
        second = more.id

    def stage(context: object) -> Outcome:
        publish_now([second])
        redis.flushdb()
        with sync_session() as session:
            assert next_beside(session, second, "w") is None
        assert get_job(second).published_at is None, "its message is spent"
        set_job(second, created_at=LONG_AGO)
        with sync_session() as session:
            assert reaper.unsent_jobs(session, dict.fromkeys(QUEUES, 0)) == [], "it is not sent in vain"
        return Outcome()

    assert run_claimed(first[0], lambda name: stage)
    assert get_job(second).published_at is not None
    assert redis.llen("exhume") >= 1


def test_a_message_stands_for_the_job_whose_turn_it_is() -> None:
    many, few = make_checks(2), make_checks(1)
    set_job(
        many[0], state="succeeded", started_at=datetime.now(UTC) - timedelta(seconds=9), finished_at=datetime.now(UTC)
    )
    with sync_session() as session:
        assert next_beside(session, many[1], "w") == few[0]
        assert next_beside(session, uuid4(), "w") is None, "the job was deleted"


def test_an_audit_is_not_chosen_by_a_message_of_a_check() -> None:
    make_audit()
    (check,) = make_checks(1)
    with sync_session() as session:
        assert next_beside(session, check, "w") == check
        assert set(fairness.stages_beside(Stage.SCORE)) == set(AUDIT_STAGES)


def test_the_statements_of_a_claim_are_made_once_and_read_the_settings_each_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Making one takes longer than running it, and a claim would do so while others wait."""
    for make in (lambda: fairness._next(AUDIT_STAGES, admission.fits()), leases._claim, fairness._held_back):
        assert make() is make()
    _, (job_id, other, *_) = make_audit()
    set_job(other, state="running")
    for most in (1, 2):
        monkeypatch.setenv("EXHUME_MAX_RUNNING_JOBS", str(most))
        settings.cache_clear()
        with sync_session() as session:
            assert fairness.choose(session, AUDIT_STAGES) == (job_id if most == 2 else None)
