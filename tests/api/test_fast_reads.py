"""Keys that are remembered and documents that are kept change at once when their rows do."""

import asyncio
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import text

from app.db.listening import Listener
from app.db.session import sync_session
from app.jobs.events import record
from app.settings import settings
from tests.api import seeds
from tests.api.conftest import Tenant, created, problem
from tests.api.test_events import heard  # noqa: F401 - the fixture of a listener that hears
from tests.api.test_results import audit  # noqa: F401 - the fixture of an audit


@pytest.fixture
def remembering(settings_env: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Let processes remember keys for longer than a test lasts."""
    monkeypatch.setattr(settings(), "access_seconds", 600.0)


async def made(tenant: Tenant) -> tuple[str, dict[str, str]]:
    """Return a new key's id and its header."""
    keys = f"/api/v1/projects/{tenant.project_id}/keys"
    key = (await tenant.client.post(keys, json={"name": "reader", "scopes": ["audits:read"]})).json()
    return key["id"], {"Authorization": f"Bearer {key['key']}"}


@pytest.mark.usefixtures("remembering")
async def test_a_key_is_looked_up_once(application: FastAPI, heard: Listener, tenant: Tenant) -> None:  # noqa: F811
    _, headers = await made(tenant)
    assert (await tenant.client.get("/api/v1/architectures", headers=headers)).status_code == 200
    with sync_session() as session:
        session.execute(text("ALTER TABLE api_key RENAME TO hidden"))
    assert (await tenant.client.get("/api/v1/architectures", headers=headers)).status_code == 200
    application.state.known.forget()
    assert (await tenant.client.get("/api/v1/architectures", headers=headers)).status_code >= 500


@pytest.mark.usefixtures("remembering")
async def test_a_revoked_key_ends_at_once(heard: Listener, tenant: Tenant) -> None:  # noqa: F811
    identifier, headers = await made(tenant)
    assert (await tenant.client.get("/api/v1/audits", headers=headers)).status_code == 200
    assert (await tenant.client.delete(f"/api/v1/keys/{identifier}")).status_code == 204
    problem(await tenant.client.get("/api/v1/audits", headers=headers), 401, "bad_key")


@pytest.mark.usefixtures("remembering")
@pytest.mark.parametrize("change", ["UPDATE api_key SET revoked_at = now()", "UPDATE api_key SET scopes = '{}'"])
async def test_a_change_by_another_process_is_heard(heard: Listener, tenant: Tenant, change: str) -> None:  # noqa: F811
    _, headers = await made(tenant)
    assert (await tenant.client.get("/api/v1/audits", headers=headers)).status_code == 200
    forgotten = asyncio.Event()
    heard.subscribe("exhume_access", lambda _: forgotten.set())
    with sync_session() as session:
        session.execute(text(f"{change} WHERE name = 'reader'"))
    async with asyncio.timeout(5):
        await forgotten.wait()
    assert (await tenant.client.get("/api/v1/audits", headers=headers)).status_code in {401, 403}


async def test_a_use_of_a_key_forgets_nobody(heard: Listener, tenant: Tenant) -> None:  # noqa: F811
    told: asyncio.Queue[str] = asyncio.Queue()
    heard.subscribe("exhume_access", told.put_nowait)
    with sync_session() as session:
        session.execute(text("UPDATE api_key SET last_used_at = now()"))
        session.execute(text("NOTIFY exhume_access, 'last'"))
    async with asyncio.timeout(5):
        assert await told.get() == "last"


@pytest.mark.parametrize("listed", [False, True])
async def test_an_audit_is_read_again_when_anything_that_it_shows_changes(
    tenant: Tenant,
    audit: dict[str, Any],  # noqa: F811
    listed: bool,
) -> None:
    path = f"/api/v1/projects/{tenant.project_id}/audits" if listed else f"/api/v1/audits/{audit['id']}"

    async def read() -> tuple[str, dict[str, Any]]:
        answer = await tenant.client.get(path)
        same = await tenant.client.get(path, headers={"If-None-Match": answer.headers["etag"]})
        assert (same.status_code, same.content) == (304, b"")
        found = answer.json()
        return answer.headers["etag"], found["items"][0] if listed else found

    tags = {(await read())[0]}
    with sync_session() as session:
        record(session, seeds.uuid_of(audit["id"]), "progress", {"stage": "attack", "done": 1, "total": 2})
    tag, found = await read()
    assert found["event_seq"] == audit["event_seq"] + 1
    tags.add(tag)
    for change in ("UPDATE target SET name = 'renamed'", "UPDATE dataset SET name = 'renamed' WHERE role = 'public'"):
        with sync_session() as session:
            session.execute(text(change))
        tag, found = await read()
        tags.add(tag)
    assert (found["release"]["target_name"], found["public_dataset"]["name"]) == ("renamed", "renamed")
    assert len(tags) == 4


async def test_a_database_that_closed_its_connections_is_asked_again(tenant: Tenant, audit: dict[str, Any]) -> None:  # noqa: F811
    path = f"/api/v1/audits/{audit['id']}"
    assert (await tenant.client.get(path)).status_code == 200
    with sync_session() as session:
        session.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
                "AND pid != pg_backend_pid() AND query LIKE '%xmin%' AND query NOT LIKE '%pg_stat_activity%'"
            )
        )
    assert (await tenant.client.get(path)).status_code == 200


async def test_a_page_is_whole_when_memory_for_documents_is_short(
    tenant: Tenant,
    audit: dict[str, Any],  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = f"/projects/{tenant.project_id}/audits"
    body = {f"{name}_id": audit[name]["id"] for name in ("release", "public_dataset", "private_dataset")}
    other = await created(tenant.client, path, body | {"rights": seeds.RIGHTS})
    one = len((await tenant.client.get(f"/api/v1/audits/{other['id']}")).content)
    monkeypatch.setattr("app.kit.documents.MOST_BYTES", one * 3 // 2)
    for _ in range(2):  # the second time, one is in memory and goes when the other one is made
        listed = (await tenant.client.get(f"/api/v1{path}")).json()["items"]
        assert [row["id"] for row in listed] == [other["id"], audit["id"]]
