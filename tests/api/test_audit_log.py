"""The audit log records actions and reveals changes of its entries."""

import httpx
from sqlalchemy import text

from app.db.session import sync_session
from tests.api.conftest import Tenant, created, problem, with_key


async def test_what_happened_is_there_newest_first(tenant: Tenant) -> None:
    target = await created(tenant.client, f"/projects/{tenant.project_id}/targets", {"name": "t"})
    answer = await tenant.client.get(f"/api/v1/projects/{tenant.project_id}/audit-log")
    entries = answer.json()["items"]
    assert [entry["action"] for entry in entries] == ["target.created", "key.created", "project.created"]
    newest = entries[0]
    assert newest["subject"] == target["id"]
    assert newest["actor"] == "key:ours all"
    assert newest["details"] == {"name": "t"}
    assert newest["address"] == "127.0.0.1"
    assert len(newest["request_id"]) == 32
    assert newest["previous_hash"] == entries[1]["hash"]
    assert entries[-1]["previous_hash"] == "0" * 64


async def test_a_failed_request_leaves_no_line(tenant: Tenant) -> None:
    path = f"/projects/{tenant.project_id}/targets"
    await created(tenant.client, path, {"name": "t"})
    problem(await tenant.client.post(f"/api/v1{path}", json={"name": "t"}), 409, "name_taken")
    entries = (await tenant.client.get(f"/api/v1/projects/{tenant.project_id}/audit-log")).json()["items"]
    assert [entry["action"] for entry in entries].count("target.created") == 1


async def test_reading_needs_the_scope(transport: httpx.ASGITransport, tenant: Tenant) -> None:
    async with with_key(transport, await tenant.key("audits:read")) as reader:
        problem(await reader.get(f"/api/v1/projects/{tenant.project_id}/audit-log"), 403, "missing_scope")


async def test_a_change_behind_the_triggers_back_is_found(tenant: Tenant) -> None:
    for name in ("a", "b", "c"):
        await created(tenant.client, f"/projects/{tenant.project_id}/targets", {"name": name})
    path = f"/api/v1/projects/{tenant.project_id}/audit-log/verification"
    before = (await tenant.client.get(path)).json()
    assert (before["intact"], before["entries"], before["first_broken"]) == (True, 5, None)
    with sync_session() as session:
        session.execute(text("ALTER TABLE audit_log_entry DISABLE TRIGGER USER"))
        changed = session.execute(
            text("""UPDATE audit_log_entry SET details = '{"name": "x"}' WHERE details->>'name' = 'b' RETURNING seq""")
        ).scalar_one()
    after = (await tenant.client.get(path)).json()
    assert (after["intact"], after["first_broken"]) == (False, changed)


async def test_a_removed_entry_is_found(tenant: Tenant) -> None:
    for name in ("a", "b", "c"):
        await created(tenant.client, f"/projects/{tenant.project_id}/targets", {"name": name})
    with sync_session() as session:
        session.execute(text("ALTER TABLE audit_log_entry DISABLE TRIGGER USER"))
        session.execute(text("DELETE FROM audit_log_entry WHERE details->>'name' = 'b'"))
    after = (await tenant.client.get(f"/api/v1/projects/{tenant.project_id}/audit-log/verification")).json()
    assert not after["intact"]
