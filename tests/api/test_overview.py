"""The overview of a project."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import update

from app.db.models import Audit, Release, Schedule
from app.db.session import sync_session
from app.db.states import AuditState
from tests.api import seeds
from tests.api.conftest import Tenant, created
from tests.api.gated import LEAKING, Line, line, waiver_body
from tests.api.scheduled import made_schedule


async def overview(tenant: Tenant) -> dict[str, Any]:
    """Return the overview of the tenant's project."""
    answer = await tenant.client.get(f"/api/v1/projects/{tenant.project_id}/overview")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def needs(seen: dict[str, Any]) -> list[tuple[str, str]]:
    """Return kind and name of what needs a person."""
    return [(one["kind"], one["name"]) for one in seen["needs"]]


async def test_an_empty_project_needs_nobody(tenant: Tenant, stranger: Tenant) -> None:
    of = await line(stranger)
    await of.release()
    assert await overview(tenant) == {"targets": [], "target_count": 0, "needs": []}


async def test_each_target_has_its_newest_releases_and_their_newest_results(tenant: Tenant) -> None:
    of: Line = await line(tenant)
    await of.policy()
    await created(tenant.client, f"/projects/{tenant.project_id}/targets", {"name": "idle"})
    first, second = await of.release(), await of.release()
    of.audit(first)
    newest = of.audit(first, low=0.0, value=0.01, high=0.03)
    of.row(first, state=AuditState.FAILED)
    leaking = of.audit(second, **LEAKING)
    with sync_session() as session:
        session.execute(update(Audit).where(Audit.id == seeds.uuid_of(leaking)).values(plan={"budget": 0.05}))
    assert (await of.decision(leaking))["outcome"] == "fail"
    seen = await overview(tenant)
    assert (seen["target_count"], sorted(one["name"] for one in seen["targets"])) == (2, ["badge-reader", "idle"])
    target = next(one for one in seen["targets"] if one["name"] == "badge-reader")
    assert [one["id"] for one in target["releases"]] == [second, first]
    shown, before = target["releases"]
    assert (shown["audit"]["id"], shown["audit"]["budget"], shown["audit"]["verdict"]) == (leaking, 0.05, "FAIL")
    assert (shown["audit"]["risk_low"], shown["audit"]["risk"], shown["audit"]["risk_high"]) == (0.5, 0.6, 0.7)
    assert (shown["decision"]["outcome"], before["decision"]) == ("fail", None)
    assert (before["audit"]["id"], before["last_audit"]["state"]) == (newest, "failed")
    assert needs(seen) == [("policy_blocks", "badge-reader 2")]
    assert seen["needs"][0]["detail"]
    of.row(second, replay_of=seeds.uuid_of(leaking))
    listed = (await of.get(f"/projects/{tenant.project_id}/releases"))["items"]
    assert [one["audit"] for one in listed] == [shown["audit"], before["audit"]]
    assert (await of.get(f"/releases/{second}"))["audit"] == shown["audit"]
    made = await created(
        tenant.client, f"/projects/{tenant.project_id}/keys", {"name": "uploader", "scopes": ["targets:write"]}
    )
    key = {"Authorization": f"Bearer {made['key']}"}
    for path in (f"/projects/{tenant.project_id}/releases", f"/releases/{second}"):
        found = (await tenant.client.get(f"/api/v1{path}", headers=key)).json()
        assert all(one["audit"] is None for one in found.get("items", [found]))


async def test_the_list_of_targets_names_their_newest_release(tenant: Tenant, stranger: Tenant) -> None:
    await (await line(stranger)).release()
    of: Line = await line(tenant)
    path = f"/projects/{tenant.project_id}/targets"
    await created(tenant.client, path, {"name": "idle"})
    first, newest = await of.release(), await of.release()
    twin = await of.release()
    with sync_session() as session:
        session.execute(update(Release).where(Release.id == seeds.uuid_of(twin)).values(twin_of=seeds.uuid_of(first)))
    rows = (await tenant.client.get(f"/api/v1{path}", params={"sort": "name"})).json()["items"]
    assert [(one["name"], one["release_count"]) for one in rows] == [("badge-reader", 2), ("idle", 0)]
    assert (rows[0]["newest_release"]["id"], rows[0]["newest_release"]["version"]) == (newest, "2")
    assert rows[1]["newest_release"] is None


async def test_what_waits_and_fails_is_listed_by_urgency(tenant: Tenant) -> None:
    of: Line = await line(tenant)
    release = await of.release()
    assert needs(await overview(tenant)) == [("never_audited", "badge-reader 1")]
    undecided = of.audit(release, low=0.0, value=0.04, high=0.2, verdict="INCONCLUSIVE", codes=("interval_too_wide",))
    assert needs(await overview(tenant)) == [("inconclusive", "badge-reader 1")]
    failed = datetime(2031, 5, 6, tzinfo=UTC)
    of.row(release, state=AuditState.FAILED, finished_at=failed)
    await of.post(f"/targets/{of.target}/waivers", waiver_body())
    soon = datetime.now(UTC) + timedelta(days=2)
    with sync_session() as session:
        session.execute(
            update(Audit).where(Audit.id == seeds.uuid_of(undecided)).values(delete_images_at=soon, frozen_at=soon)
        )
    seen = await overview(tenant)
    assert [kind for kind, _ in needs(seen)] == ["audit_failed", "waiver_asked", "pictures_deleted_soon"]
    assert datetime.fromisoformat(seen["needs"][0]["at"]) == failed
    last = seen["needs"][-1]
    assert (last["subject"], last["count"]) == (undecided, 1)
    assert seen["needs"][1]["detail"] == "The demonstration ends soon."


async def test_a_schedule_that_fails_needs_a_person(tenant: Tenant) -> None:
    made = await made_schedule(tenant)
    with sync_session() as session:
        row = session.get_one(Schedule, seeds.uuid_of(made["id"]))
        row.problem = {"code": "stage_failed", "detail": "The stage failed."}
    assert ("schedule_failing", made["name"]) in needs(await overview(tenant))
