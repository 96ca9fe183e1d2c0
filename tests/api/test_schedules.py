"""Schedules: created, changed and previewed."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import update

from app.db.models import Schedule, ScheduleRun
from app.db.session import sync_session
from app.schedules import cron
from tests.api import seeds
from tests.api.conftest import Tenant, created, problem, with_key
from tests.api.scheduled import made_schedule, request_of


async def test_a_schedule_says_when_it_is_due(tenant: Tenant) -> None:
    made = await made_schedule(tenant, cron="30 2 * * MON", timezone="Europe/Berlin")
    assert made["reads"] == "At 02:30 on Monday"
    assert made["created_by"] == "key:ours all"
    assert made["audit"]["rights"] == seeds.RIGHTS
    due = next(cron.after("30 2 * * MON", "Europe/Berlin", datetime.now(UTC)))
    assert datetime.fromisoformat(made["next_at"]) == due
    preview = (await tenant.client.get(f"/api/v1/schedules/{made['id']}/preview")).json()
    assert len(preview["times"]) == 5
    assert preview["times"][0]["utc"] == made["next_at"]
    local = datetime.fromisoformat(preview["times"][0]["local"])
    assert (local.hour, local.minute, local.weekday()) == (2, 30, 0)
    assert local == due


async def test_a_draft_is_previewed_without_a_schedule(tenant: Tenant) -> None:
    answer = await tenant.client.post("/api/v1/schedule-previews", json={"cron": "0 3 * * *", "timezone": "Asia/Tokyo"})
    times = answer.json()["times"]
    assert [one["local"][11:16] for one in times] == ["03:00"] * 5
    assert [one["utc"][11:16] for one in times] == ["18:00"] * 5
    problem(await tenant.client.post("/api/v1/schedule-previews", json={"cron": "0 0 30 2 *"}), 422, "cron_never_fires")


async def test_jitter_delays_the_run_and_not_the_due_time(tenant: Tenant) -> None:
    made = await made_schedule(tenant, jitter_seconds=3600)
    preview = (await tenant.client.get(f"/api/v1/schedules/{made['id']}/preview")).json()
    starts = datetime.fromisoformat(made["next_at"]) - timedelta(seconds=made["delay_seconds"])
    assert starts in [datetime.fromisoformat(one["utc"]) for one in preview["times"]]
    assert 0 <= made["delay_seconds"] < 3600


REJECTED: list[tuple[dict[str, Any], str]] = [
    ({"cron": "60 3 * * *"}, "bad_cron"),
    ({"cron": "0 0 30 2 *"}, "cron_never_fires"),
    ({"timezone": "Mars/Olympus"}, "unknown_timezone"),
    ({"surprise": 1}, "invalid_request"),
    ({"name": None}, "invalid_request"),
]


async def test_a_schedule_that_cannot_run_is_rejected_when_it_is_created_or_changed(tenant: Tenant) -> None:
    body = await request_of(tenant)
    path = f"/projects/{tenant.project_id}/schedules"
    made = await created(tenant.client, path, body)
    for change, code in REJECTED:
        problem(await tenant.client.post(f"/api/v1{path}", json=body | {"name": "other"} | change), 422, code)
        problem(await tenant.client.patch(f"/api/v1/schedules/{made['id']}", json=change), 422, code)
    assert (await tenant.client.get(f"/api/v1/schedules/{made['id']}")).json() == made


async def test_an_audit_that_would_be_rejected_is_rejected_now(tenant: Tenant) -> None:
    body = await request_of(tenant)
    path = f"/api/v1/projects/{tenant.project_id}/schedules"
    audit = body["audit"]
    swapped = audit | {"public_dataset_id": audit["private_dataset_id"]}
    problem(await tenant.client.post(path, json=body | {"audit": swapped}), 422, "wrong_role")
    unsigned = {name: value for name, value in audit.items() if name != "rights"}
    problem(await tenant.client.post(path, json=body | {"audit": unsigned}), 422, "invalid_request")
    fixed = audit | {"twin_release_id": "rel_" + "0" * 32}
    problem(await tenant.client.post(path, json=body | {"audit": fixed}), 422, "invalid_request")


async def test_a_target_without_a_release_can_be_scheduled(tenant: Tenant, stranger: Tenant) -> None:
    body = await request_of(tenant)
    target = await created(tenant.client, f"/projects/{tenant.project_id}/targets", {"name": "later"})
    path = f"/api/v1/projects/{tenant.project_id}/schedules"
    assert (await tenant.client.post(path, json=body | {"target_id": target["id"]})).status_code == 201
    foreign = await created(
        stranger.client, f"/projects/{stranger.project_id}/datasets", {"name": "x", "role": "public"}
    )
    audit = body["audit"] | {"public_dataset_id": foreign["id"]}
    answer = await tenant.client.post(path, json=body | {"name": "o", "target_id": target["id"], "audit": audit})
    problem(answer, 404, "no_such_dataset")


async def test_pausing_clears_the_next_run_and_resuming_sets_it(tenant: Tenant) -> None:
    made = await made_schedule(tenant)
    path = f"/api/v1/schedules/{made['id']}"
    paused = (await tenant.client.post(f"{path}/pause")).json()
    assert (paused["active"], paused["next_at"]) == (False, None)
    changed = (await tenant.client.patch(path, json={"cron": "0 4 * * *"})).json()
    assert (changed["cron"], changed["next_at"]) == ("0 4 * * *", None)
    resumed = (await tenant.client.post(f"{path}/resume")).json()
    assert resumed["next_at"][11:16] == "04:00"
    log = (await tenant.client.get(f"/api/v1/projects/{tenant.project_id}/audit-log")).json()["items"]
    actions = [entry["action"] for entry in log if entry["subject"] == made["id"]]
    assert actions == ["schedule.resumed", "schedule.changed", "schedule.paused", "schedule.created"]
    assert log[0]["actor"] == "key:ours all"


async def test_a_change_of_the_name_keeps_a_run_that_is_due(tenant: Tenant) -> None:
    made = await made_schedule(tenant)
    due = datetime.now(UTC) - timedelta(seconds=1)
    with sync_session() as session:
        session.execute(update(Schedule).values(next_at=due))
    path = f"/api/v1/schedules/{made['id']}"
    renamed = (await tenant.client.patch(path, json={"name": "renamed"})).json()
    assert datetime.fromisoformat(renamed["next_at"]) == due
    moved = (await tenant.client.patch(path, json={"cron": "0 5 * * *"})).json()
    assert moved["next_at"][11:16] == "05:00"


async def test_names_are_used_once_and_lists_can_be_of_a_target(tenant: Tenant) -> None:
    made = await made_schedule(tenant)
    path = f"/api/v1/projects/{tenant.project_id}/schedules"
    body = {name: made[name] for name in ("name", "target_id", "cron", "audit")}
    problem(await tenant.client.post(path, json=body), 409, "name_taken")
    assert (await tenant.client.post(path, json=body | {"name": "weekly"})).status_code == 201
    assert [one["name"] for one in (await tenant.client.get(path)).json()["items"]] == ["weekly", "nightly"]
    other = await created(tenant.client, f"/projects/{tenant.project_id}/targets", {"name": "other"})
    assert (await tenant.client.get(path, params={"target_id": other["id"]})).json()["items"] == []


async def test_deleting_a_schedule_deletes_its_runs(tenant: Tenant) -> None:
    made = await made_schedule(tenant)
    path = f"/api/v1/schedules/{made['id']}"
    assert (await tenant.client.post(f"{path}/runs")).json()["trigger"] == "manual"
    assert (await tenant.client.delete(path)).status_code == 204
    problem(await tenant.client.get(path), 404, "no_such_schedule")
    with sync_session() as session:
        assert session.query(Schedule).count() == session.query(ScheduleRun).count() == 0


async def test_others_see_nothing_and_readers_change_nothing(tenant: Tenant, stranger: Tenant) -> None:
    made = await made_schedule(tenant)
    path = f"/api/v1/schedules/{made['id']}"
    for answer in (
        await stranger.client.get(path),
        await stranger.client.get(f"{path}/runs"),
        await stranger.client.get(f"{path}/preview"),
        await stranger.client.patch(path, json={"cron": "0 4 * * *"}),
        await stranger.client.post(f"{path}/runs"),
        await stranger.client.post(f"{path}/pause"),
        await stranger.client.delete(path),
    ):
        problem(answer, 404, "no_such_schedule")
    reader = with_key(tenant.client._transport, await tenant.key("audits:read"))  # type: ignore[arg-type]
    async with reader:
        assert (await reader.get(path)).status_code == 200
        for answer in (
            await reader.patch(path, json={"cron": "0 4 * * *"}),
            await reader.post(f"{path}/runs"),
            await reader.post(f"{path}/resume"),
            await reader.delete(path),
        ):
            problem(answer, 403, "missing_scope")
