"""Projects, targets and lists, and the separation of tenants."""

import httpx
import pytest
from sqlalchemy import select

from app.db.models import ProjectKey
from app.db.session import sync_session
from app.vault.keys import find_key, make_key
from tests.api import seeds
from tests.api.conftest import Tenant, created, problem
from tests.api.seeds import uuid_of


async def test_a_name_is_used_once(tenant: Tenant, stranger: Tenant, admin: httpx.AsyncClient) -> None:
    problem(await admin.post("/api/v1/projects", json={"name": "ours"}), 409, "name_taken")
    path = f"/projects/{tenant.project_id}/targets"
    await created(tenant.client, path, {"name": "t"})
    problem(await tenant.client.post(f"/api/v1{path}", json={"name": "t"}), 409, "name_taken")
    await created(stranger.client, f"/projects/{stranger.project_id}/targets", {"name": "t"})


async def test_lists_continue_where_the_page_before_ended(tenant: Tenant) -> None:
    path = f"/projects/{tenant.project_id}/targets"
    names = [f"t{number}" for number in range(7)]
    for name in names:
        await created(tenant.client, path, {"name": name})
    seen: list[str] = []
    cursor: str | None = None
    for expected in (3, 3, 1):
        params = {"limit": 3} | ({"cursor": cursor} if cursor else {})
        page = (await tenant.client.get(f"/api/v1{path}", params=params)).json()
        assert len(page["items"]) == expected
        seen += [item["name"] for item in page["items"]]
        cursor = page["next_cursor"]
        if expected == 3 and len(seen) == 3:
            await created(tenant.client, path, {"name": "meanwhile"})  # newer, so on no later page
    assert cursor is None
    assert seen == names[::-1]


@pytest.mark.parametrize("cursor", ["nonsense", "WzFd", "%00", "e30", "WyIxIiwgIjIiXQ"])
async def test_a_made_up_cursor_is_rejected(tenant: Tenant, cursor: str) -> None:
    path = f"/api/v1/projects/{tenant.project_id}/targets"
    problem(await tenant.client.get(path, params={"cursor": cursor}), 400, "bad_cursor")


@pytest.mark.parametrize("limit", [0, 501])
async def test_a_page_has_a_size_limit(tenant: Tenant, limit: int) -> None:
    path = f"/api/v1/projects/{tenant.project_id}/targets"
    problem(await tenant.client.get(path, params={"limit": limit}), 422, "invalid_request")


async def test_another_tenants_ids_lead_nowhere(tenant: Tenant, stranger: Tenant) -> None:
    target = await created(tenant.client, f"/projects/{tenant.project_id}/targets", {"name": "t"})
    release = await created(tenant.client, f"/targets/{target['id']}/releases", seeds.RELEASE)
    sets = [
        await created(tenant.client, f"/projects/{tenant.project_id}/datasets", {"name": role, "role": role})
        for role in ("public", "private")
    ]
    seeds.make_ready(release["id"], *(dataset["id"] for dataset in sets))
    body = {"release_id": release["id"], "public_dataset_id": sets[0]["id"], "private_dataset_id": sets[1]["id"]}
    body["rights"] = seeds.RIGHTS
    audit = await created(tenant.client, f"/projects/{tenant.project_id}/audits", body)
    seeds.freeze(audit["id"])
    (reconstruction,) = seeds.add_reconstructions(audit["id"], [0])
    key = (await tenant.client.get(f"/api/v1/projects/{tenant.project_id}/keys")).json()["items"][0]

    project, audit_path = f"/projects/{tenant.project_id}", f"/audits/{audit['id']}"
    tries = [
        *(("GET", f"{project}{part}") for part in ("", "/keys", "/targets", "/releases", "/datasets", "/audits")),
        *(("GET", f"{project}{part}") for part in ("/audit-log", "/audit-log/verification")),
        ("POST", f"{project}/keys", {"name": "k", "scopes": ["audits:read"]}),
        ("POST", f"{project}/targets", {"name": "x"}),
        ("POST", f"{project}/datasets", {"name": "x", "role": "public"}),
        ("POST", f"{project}/audits", body),
        ("POST", f"{project}/audits/estimate", {name: body[name] for name in body if name != "rights"}),
        ("DELETE", f"/keys/{key['id']}"),
        ("GET", f"/targets/{target['id']}"),
        ("GET", f"/targets/{target['id']}/releases"),
        ("POST", f"/targets/{target['id']}/releases", seeds.RELEASE | {"version": "2"}),
        ("GET", f"/releases/{release['id']}"),
        ("PUT", f"/releases/{release['id']}/file", b"x"),
        ("GET", f"/datasets/{sets[0]['id']}"),
        ("PUT", f"/datasets/{sets[0]['id']}/file", b"x"),
        *(("GET", f"{audit_path}{part}") for part in ("", "/jobs", "/events", "/result", "/identities")),
        ("GET", f"{audit_path}/reconstructions"),
        ("GET", f"{audit_path}/references/0/image"),
        ("POST", f"{audit_path}/cancel"),
        ("GET", f"/reconstructions/rec_{reconstruction.hex}/image"),
    ]
    for method, path, *rest in tries:
        sent = {"content": rest[0]} if rest and isinstance(rest[0], bytes) else {"json": rest[0]} if rest else {}
        answer = await stranger.client.request(method, f"/api/v1{path}", **sent)
        assert answer.status_code == 404, (method, path, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"
    assert (await stranger.client.get("/api/v1/audits")).json()["items"] == []
    assert [p["id"] for p in (await stranger.client.get("/api/v1/projects")).json()["items"]] == [stranger.project_id]

    # They do not work in a body for the stranger's project either.
    answer = await stranger.client.post(f"/api/v1/projects/{stranger.project_id}/audits", json=body)
    problem(answer, 404, "no_such_release")


async def test_the_operator_sees_all(tenant: Tenant, stranger: Tenant, admin: httpx.AsyncClient) -> None:
    found = {project["id"] for project in (await admin.get("/api/v1/projects")).json()["items"]}
    assert found == {tenant.project_id, stranger.project_id}


async def test_the_operator_replaces_the_key_of_a_project(admin: httpx.AsyncClient, tenant: Tenant) -> None:
    project = uuid_of(tenant.project_id)
    with sync_session() as session:
        key = make_key(session, project, "a")
    path = f"/api/v1/projects/{tenant.project_id}/encryption-key"
    problem(await tenant.client.post(path), 403, "operator_only")
    assert (await admin.post(path)).json() == {"keys": 1}
    with sync_session() as session:
        assert find_key(session, "a") == key
        assert session.scalars(select(ProjectKey.number).where(ProjectKey.project_id == project)).all() == [2]
    log = (await tenant.client.get(f"/api/v1/projects/{tenant.project_id}/audit-log")).json()["items"]
    assert (log[0]["action"], log[0]["details"]) == ("project.key_replaced", {"keys": 1})
