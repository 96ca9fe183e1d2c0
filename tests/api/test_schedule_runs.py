"""Runs of schedules: recorded once, and started with an audit or skipped with a reason."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import anyio
import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from app.audits import service as audits
from app.db.models import Audit, Dataset, Job, Notification, Release, Schedule, ScheduleRun
from app.db.session import sync_session
from app.db.states import AuditState, IntakeState
from app.jobs.stages import AUDIT_STAGES, WITH_LOOK
from app.scheduler.schedules import schedules
from app.schedules import ending, recording
from app.settings import settings
from tests.api import seeds
from tests.api.conftest import Tenant, created, problem
from tests.api.scheduled import made_schedule, record, request_of, runs, start_all
from tests.results import RESULT

DAY = timedelta(days=1)


def due_of(schedule: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(schedule["next_at"])


def finish(audit: Any, at: datetime, state: AuditState = AuditState.SUCCEEDED) -> None:
    """End an audit as the score stage does, and let the scheduler see it."""
    with sync_session() as session:
        row = session.get_one(Audit, audit)
        row.state, row.finished_at = state, at
        row.result = RESULT if state is AuditState.SUCCEEDED else None
        row.problem = None if row.result else {"code": "internal", "detail": "It broke."}
    with sync_session() as session:
        assert ending.settle(session, at) == 1


async def test_a_due_run_starts_the_audit_of_the_newest_release(tenant: Tenant) -> None:
    schedule = await made_schedule(tenant)
    due = due_of(schedule)
    assert record(due - timedelta(seconds=1)) == 0
    assert record(due + timedelta(seconds=2)) == 1
    [run] = runs()
    assert (run.due_at, run.state, run.trigger, run.missed) == (due, "due", "cron", 0)
    assert await start_all(due) == 1
    [run] = runs()
    shown = (await tenant.client.get(f"/api/v1/schedules/{schedule['id']}/runs")).json()["items"]
    assert [(one["state"], one["due_at"]) for one in shown] == [("started", schedule["next_at"])]
    audit = (await tenant.client.get(f"/api/v1/audits/{shown[0]['audit_id']}")).json()
    assert audit["requested_by"] == "schedule:nightly"
    assert audit["declared_by"] == seeds.RIGHTS["declared_by"]
    assert audit["release"]["id"] == shown[0]["release_id"]
    assert audit["estimate"]["seconds"] > 0
    with sync_session() as session:
        assert session.scalar(select(func.count()).select_from(Job)) == len(set(AUDIT_STAGES) - WITH_LOOK)
        assert session.scalars(select(Job.published_at).where(Job.state == "queued")).one() is not None
    log = (await tenant.client.get(f"/api/v1/projects/{tenant.project_id}/audit-log")).json()["items"]
    assert [(log[0]["action"], log[0]["actor"])] == [("audit.created", "schedule:nightly")]
    again = (await tenant.client.get(f"/api/v1/schedules/{schedule['id']}")).json()
    assert (due_of(again), again["last_due_at"]) == (due + DAY, schedule["next_at"])


async def test_a_round_of_the_scheduler_records_and_starts(tenant: Tenant) -> None:
    """In a thread with an event loop and a pool, as in the scheduler's process."""
    await made_schedule(tenant)
    with sync_session() as session:
        session.execute(update(Schedule).values(next_at=datetime.now(UTC) - timedelta(days=1)))

    def one_round() -> bool:
        with schedules() as work:
            return work.tick()

    assert await anyio.to_thread.run_sync(one_round) is False
    assert [run.state for run in runs()] == ["started"]


async def test_two_schedulers_record_each_due_time_once(tenant: Tenant) -> None:
    body = await request_of(tenant)
    for number in range(12):
        made = await created(tenant.client, f"/projects/{tenant.project_id}/schedules", body | {"name": f"s{number}"})
    now = due_of(made)
    recording_together = threading.Barrier(3)

    def round_of_one() -> None:
        recording_together.wait()
        record(now)

    threads = [threading.Thread(target=round_of_one) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(runs()) == 12
    with sync_session() as session:  # a scheduler with an older copy of the row
        session.execute(update(Schedule).values(next_at=now))
    assert record(now) == 12
    assert len(runs()) == 12


async def test_a_crash_between_record_and_start_loses_nothing(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    schedule = await made_schedule(tenant)
    with sync_session() as session:
        assert recording.record_due(session, due_of(schedule)) == 1
        session.rollback()
    assert runs() == []
    record(due_of(schedule))

    async def dies(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(audits, "get", dies)  # the last step of the audit's creation
        with pytest.raises(KeyboardInterrupt):
            await start_all(due_of(schedule))
    assert [run.state for run in runs()] == ["due"]
    with sync_session() as session:
        assert session.scalar(select(func.count()).select_from(Audit)) == 0
        assert session.scalar(select(func.count()).select_from(Job)) == 0
    await start_all(due_of(schedule))
    assert [run.state for run in runs()] == ["started"]


async def test_missed_runs_collapse_into_one(tenant: Tenant) -> None:
    schedule = await made_schedule(tenant)
    due = due_of(schedule)
    record(due + 3 * DAY + timedelta(hours=1))
    [run] = runs()
    assert (run.due_at, run.missed, run.state) == (due + 3 * DAY, 3, "due")
    again = (await tenant.client.get(f"/api/v1/schedules/{schedule['id']}")).json()
    assert due_of(again) == due + 4 * DAY


async def test_a_schedule_that_does_not_catch_up_skips_what_it_missed(tenant: Tenant) -> None:
    schedule = await made_schedule(tenant, catch_up="none")
    due = due_of(schedule)
    record(due + DAY + timedelta(minutes=11))
    [run] = runs()
    assert (run.state, run.reason, run.missed) == ("skipped", "missed", 1)
    record(due + 2 * DAY + timedelta(minutes=9))
    assert [one.state for one in runs()] == ["skipped", "due"]


async def test_an_unchanged_release_is_skipped_until_its_verdict_is_old(tenant: Tenant) -> None:
    schedule = await made_schedule(tenant, repeat_after_days=3)
    due = due_of(schedule)
    record(due)
    await start_all(due)
    finish(runs()[0].audit_id, due + timedelta(hours=1))
    for day in (1, 2):
        record(due + day * DAY)
        await start_all(due + day * DAY)
    assert [(run.state, run.reason) for run in runs()[1:]] == [("skipped", "unchanged")] * 2
    assert "Release 1 has been audited by the same plan and engine as aud_" in str(runs()[1].detail)
    asked = (await tenant.client.post(f"/api/v1/schedules/{schedule['id']}/runs")).json()
    await start_all(due + 2 * DAY)
    shown = (await tenant.client.get(f"/api/v1/schedules/{schedule['id']}/runs")).json()["items"]
    assert next(run for run in shown if run["id"] == asked["id"])["state"] == "started"


@pytest.mark.parametrize("change", ["release", "plan", "images", "engine", "age"])
async def test_a_change_makes_a_run_needed_again(tenant: Tenant, change: str) -> None:
    schedule = await made_schedule(tenant, repeat_after_days=3)
    due = due_of(schedule)
    record(due)
    await start_all(due)
    finish(runs()[0].audit_id, due)
    later = due + (4 if change == "age" else 1) * DAY
    if change == "release":
        path = f"/targets/{schedule['target_id']}/releases"
        newer = await created(tenant.client, path, seeds.RELEASE | {"version": "2"})
        twin_of = (await tenant.client.get(f"/api/v1{path}")).json()["items"][-1]["id"]
        replaced = [{"identity": "ada", "stand_in": "eve"}]
        twin = await created(
            tenant.client, path, seeds.RELEASE | {"version": "3", "twin_of": twin_of, "replaced": replaced}
        )
        seeds.make_ready(newer["id"])
        seeds.make_ready(twin["id"])
    with sync_session() as session:
        if change == "plan":
            row = session.scalars(select(Schedule)).one()
            row.audit = row.audit | {"seed": 1}
        if change == "images":
            session.execute(update(Dataset).values(digest="sha256:" + "7" * 64))
        if change == "engine":
            row_of_audit = session.scalars(select(Audit)).one()
            row_of_audit.result = RESULT | {"code": RESULT["code"] | {"exhume": "0.0.1"}}
    record(later)
    await start_all(later)
    last = runs()[-1]
    assert (last.state, last.reason) == ("started", None)
    with sync_session() as session:
        audited = session.get_one(Release, last.release_id)
        assert audited.version == ("2" if change == "release" else "1")


async def test_a_verdict_counts_no_longer_than_the_policy_says(tenant: Tenant) -> None:
    path = f"/projects/{tenant.project_id}"
    schedule = await made_schedule(tenant, repeat_after_days=None)
    policy = {"schema": "exhume.policy/1", "freshness": {"days": 2}, "budgets": {"white_box": None}}
    made = await created(tenant.client, f"{path}/policies", {"name": "gate", "policy": policy})
    target = f"/api/v1/targets/{schedule['target_id']}/policy"
    assert (await tenant.client.put(target, json={"policy_id": made["id"]})).is_success
    due = due_of(schedule)
    record(due)
    await start_all(due)
    finish(runs()[0].audit_id, due)
    for day in (1, 2):
        record(due + day * DAY)
        await start_all(due + day * DAY)
    assert [run.state for run in runs()] == ["succeeded", "skipped", "started"]
    with sync_session() as session:
        ending.forget(session, due + 91 * DAY)
    assert [run.state for run in runs()] == ["succeeded", "skipped", "started"]
    with sync_session() as session:
        ending.forget(session, due + 92 * DAY)
    assert [run.state for run in runs()] == ["succeeded", "started"]


async def test_overlap_and_quota_are_reasons(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    body = await request_of(tenant)
    path = f"/projects/{tenant.project_id}/schedules"
    schedule = await created(tenant.client, path, body)
    due = due_of(schedule)
    record(due)
    await start_all(due)
    record(due + DAY)
    await start_all(due + DAY)
    monkeypatch.setenv("EXHUME_MAX_SCHEDULED_AUDITS", "1")
    settings.cache_clear()
    await created(tenant.client, path, body | {"name": "other", "audit": body["audit"] | {"seed": 2}})
    with sync_session() as session:
        session.execute(update(Schedule).where(Schedule.name == "nightly").values(active=False, next_at=None))
    record(due + 2 * DAY)
    await start_all(due + 2 * DAY)
    assert [(run.state, run.reason) for run in runs()] == [
        ("started", None),
        ("skipped", "overlap"),
        ("skipped", "quota"),
    ]
    assert "EXHUME_MAX_SCHEDULED_AUDITS" in str(runs()[-1].detail)


async def test_without_a_ready_release_the_run_says_so(tenant: Tenant) -> None:
    schedule = await made_schedule(tenant)
    with sync_session() as session:
        session.execute(update(Release).values(state=IntakeState.REFUSED))
    record(due_of(schedule))
    await start_all(due_of(schedule))
    assert [(run.state, run.reason) for run in runs()] == [("skipped", "no_release")]


async def test_a_failing_schedule_is_an_event_once(tenant: Tenant) -> None:
    schedule = await made_schedule(tenant)
    due = due_of(schedule)
    with sync_session() as session:
        session.execute(update(Dataset).where(Dataset.role == "public").values(state=IntakeState.REFUSED))
    for day in (0, 1):
        record(due + day * DAY)
        await start_all(due + day * DAY)
    assert [(run.state, (run.problem or {})["code"]) for run in runs()] == [("failed", "not_ready")] * 2
    shown = (await tenant.client.get(f"/api/v1/schedules/{schedule['id']}")).json()
    assert shown["failures"] == 2
    with sync_session() as session:
        [event] = session.scalars(select(Notification)).all()
        assert event.kind == "schedule.failing"
        assert event.payload["schedule"] == schedule["id"]
        assert event.payload["problem"]["code"] == "not_ready"
        session.execute(update(Dataset).values(state=IntakeState.READY))
    record(due + 2 * DAY)
    await start_all(due + 2 * DAY)
    finish(runs()[-1].audit_id, due + 2 * DAY, AuditState.FAILED)
    finish_again = (await tenant.client.get(f"/api/v1/schedules/{schedule['id']}")).json()
    assert finish_again["failures"] == 3
    record(due + 3 * DAY)
    await start_all(due + 3 * DAY)
    finish(runs()[-1].audit_id, due + 3 * DAY)
    assert (await tenant.client.get(f"/api/v1/schedules/{schedule['id']}")).json()["failures"] == 0
    assert [run.state for run in runs()] == ["failed", "failed", "failed", "succeeded"]


async def test_an_unexpected_error_fails_one_run_and_not_the_others(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    schedule = await made_schedule(tenant)
    due = due_of(schedule)
    record(due)

    async def breaks(*_: Any) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(audits, "planned", breaks)
        assert await start_all(due) == 1
    [run] = runs()
    assert (run.state, (run.problem or {})["code"]) == ("failed", "internal")


async def test_a_zone_that_vanished_pauses_its_schedule(tenant: Tenant) -> None:
    schedule = await made_schedule(tenant)
    with sync_session() as session:
        session.execute(update(Schedule).values(timezone="Europe/Gone"))
    record(due_of(schedule))
    shown = (await tenant.client.get(f"/api/v1/schedules/{schedule['id']}")).json()
    assert (shown["active"], shown["next_at"], shown["problem"]["code"]) == (False, None, "unknown_timezone")
    problem(await tenant.client.post(f"/api/v1/schedules/{schedule['id']}/resume"), 422, "unknown_timezone")


async def test_new_zone_data_move_what_is_due_later_and_keep_what_is_due(tenant: Tenant) -> None:
    schedule = await made_schedule(tenant, cron="0 * * * *")
    due = due_of(schedule)
    with sync_session() as session:
        session.execute(update(Schedule).values(next_at=due + timedelta(minutes=17)))
        assert recording.replan(session, due - timedelta(minutes=5)) == 1
        assert session.scalars(select(Schedule.next_at)).one() == due
        assert recording.replan(session, due + timedelta(minutes=5)) == 0
    assert record(due + timedelta(minutes=5)) == 1


async def test_the_same_due_time_cannot_be_stored_twice(tenant: Tenant) -> None:
    schedule = await made_schedule(tenant)
    record(due_of(schedule))
    [run] = runs()
    twice = {"project_id": run.project_id, "schedule_id": run.schedule_id, "due_at": run.due_at, "trigger": "cron"}
    with sync_session() as session:
        session.add(ScheduleRun(**twice))
        with pytest.raises(IntegrityError, match="uq_schedule_run_schedule_id_due_at"):
            session.flush()
        session.rollback()
