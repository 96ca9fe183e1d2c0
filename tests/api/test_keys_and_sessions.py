"""Authentication, permissions and protection from other sites."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sqlalchemy import select, update

from app.auth.bootstrap import create_admin_key, create_sign_in_link
from app.auth.secrets import looks_like_api_key, new_api_key
from app.db.models import ApiKey, BrowserSession, SignInLink
from app.db.session import sync_session
from tests.api.conftest import HOST, Tenant, created, problem, with_key

SESSION = "/api/v1/session"


def test_a_key_has_prefix_length_and_checksum() -> None:
    key = new_api_key()
    assert key.startswith("exh_")
    assert len(key) == 4 + 43 + 6
    assert looks_like_api_key(key)
    mistyped = key[:10] + ("a" if key[10] != "a" else "b") + key[11:]
    assert not looks_like_api_key(mistyped)
    assert not looks_like_api_key(key[:-1])


async def test_nobody_gets_in_without_a_key(anonymous: httpx.AsyncClient) -> None:
    answer = await anonymous.get("/api/v1/projects")
    problem(answer, 401, "not_signed_in")
    assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("key", ["exh_short", pytest.param(new_api_key(), id="well-formed"), "Bearer"])
async def test_an_unknown_key_is_rejected(anonymous: httpx.AsyncClient, key: str) -> None:
    problem(await anonymous.get("/api/v1/projects", headers={"Authorization": f"Bearer {key}"}), 401, "bad_key")


async def test_only_a_hash_of_the_key_is_stored_and_it_is_shown_once(tenant: Tenant) -> None:
    path = f"/projects/{tenant.project_id}/keys"
    made = await created(tenant.client, path, {"name": "ci", "scopes": ["audits:read"]})
    assert looks_like_api_key(made["key"])
    listed = (await tenant.client.get(f"/api/v1{path}")).json()["items"]
    assert made["key"] not in str(listed)
    assert listed[0]["last4"] == made["key"][-4:]
    with sync_session() as session:
        assert all(made["key"].encode() not in key.key_hash for key in session.scalars(select(ApiKey)))


async def test_a_key_cannot_give_away_scopes_it_lacks(transport: httpx.ASGITransport, tenant: Tenant) -> None:
    async with with_key(transport, await tenant.key("keys:write")) as weak:
        body = {"name": "more", "scopes": ["keys:write", "audits:write"]}
        answer = await weak.post(f"/api/v1/projects/{tenant.project_id}/keys", json=body)
        assert "audits:write" in problem(answer, 403, "scope_escalation")["detail"]


async def test_a_missing_scope_is_named(transport: httpx.ASGITransport, tenant: Tenant) -> None:
    async with with_key(transport, await tenant.key("audits:read")) as reader:
        answer = await reader.post(f"/api/v1/projects/{tenant.project_id}/targets", json={"name": "x"})
        assert "targets:write" in problem(answer, 403, "missing_scope")["detail"]


async def test_a_projects_key_cannot_make_projects(tenant: Tenant, admin: httpx.AsyncClient) -> None:
    body = {"name": "k", "scopes": ["projects:write"]}
    made = await created(admin, f"/projects/{tenant.project_id}/keys", body)
    headers = {"Authorization": f"Bearer {made['key']}"}
    answer = await tenant.client.post("/api/v1/projects", json={"name": "new"}, headers=headers)
    problem(answer, 403, "organisation_only")


async def test_a_revoked_key_and_its_sessions_end(transport: httpx.ASGITransport, tenant: Tenant) -> None:
    made = await created(
        tenant.client, f"/projects/{tenant.project_id}/keys", {"name": "ci", "scopes": ["audits:read"]}
    )
    async with httpx.AsyncClient(transport=transport, base_url=HOST) as browser:
        assert (await browser.post(SESSION, json={"api_key": made["key"]})).status_code == 200
        assert (await browser.get(SESSION)).json()["project_id"] == tenant.project_id
        assert (await tenant.client.delete(f"/api/v1/keys/{made['id']}")).status_code == 204
        problem(await browser.get(SESSION), 401, "session_ended")
    async with with_key(transport, made["key"]) as client:
        problem(await client.get("/api/v1/projects"), 401, "bad_key")


async def test_an_expired_key_is_rejected(transport: httpx.ASGITransport, tenant: Tenant) -> None:
    key = await tenant.key("audits:read")
    with sync_session() as session:
        past = datetime.now(UTC) - timedelta(seconds=1)
        session.execute(update(ApiKey).where(ApiKey.name == "k").values(expires_at=past))
    async with with_key(transport, key) as client:
        problem(await client.get("/api/v1/projects"), 401, "bad_key")


async def test_last_use_is_written_at_most_once_a_minute(tenant: Tenant) -> None:
    def last_used() -> datetime | None:
        with sync_session() as session:
            return session.scalars(select(ApiKey.last_used_at).where(ApiKey.name == "ours all")).one()

    await tenant.client.get("/api/v1/projects")
    first = last_used()
    assert first is not None
    await tenant.client.get("/api/v1/projects")
    assert last_used() == first
    with sync_session() as session:
        session.execute(update(ApiKey).values(last_used_at=first - timedelta(minutes=2)))
    await tenant.client.get("/api/v1/projects")
    assert last_used() != first - timedelta(minutes=2)


async def test_a_sign_in_link_works_once(anonymous: httpx.AsyncClient) -> None:
    with sync_session() as session:
        token = create_sign_in_link(session)
    answer = await anonymous.post(SESSION, json={"token": token})
    assert (answer.json()["subject"], answer.json()["kind"]) == ("operator", "operator")
    assert "reconstructions:reveal" in answer.json()["scopes"]
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("exhume_session=")
    assert "HttpOnly" in cookie
    assert "samesite=lax" in cookie.lower()
    assert (await anonymous.get("/api/v1/projects")).status_code == 200
    used = problem(await anonymous.post(SESSION, json={"token": token}), 401, "bad_link")
    assert "`exhume sign-in` prints a new one" in used["detail"]
    assert "If the service is not running, `exhume up`" in used["detail"]
    with sync_session() as session:
        stored = session.scalars(select(BrowserSession.token_hash)).one()
        assert anonymous.cookies["exhume_session"].encode() not in stored


async def test_an_expired_sign_in_link_is_rejected(anonymous: httpx.AsyncClient) -> None:
    with sync_session() as session:
        token = create_sign_in_link(session)
        session.execute(update(SignInLink).values(expires_at=datetime.now(UTC)))
    problem(await anonymous.post(SESSION, json={"token": token}), 401, "bad_link")


async def test_https_gets_a_host_cookie(transport: httpx.ASGITransport) -> None:
    with sync_session() as session:
        token = create_sign_in_link(session)
    async with httpx.AsyncClient(transport=transport, base_url="https://localhost") as browser:
        answer = await browser.post(SESSION, json={"token": token})
        assert answer.headers["set-cookie"].startswith("__Host-exhume=")
        assert "Secure" in answer.headers["set-cookie"]
        assert answer.headers["strict-transport-security"]
        assert (await browser.get(SESSION)).status_code == 200


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "none"}, True),
        ({"Origin": HOST}, True),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "cross-site", "Origin": HOST}, False),
        ({"Origin": "http://evil.example"}, False),
        ({"Origin": "null"}, False),
        ({}, False),
    ],
)
async def test_a_cookie_alone_changes_nothing(
    anonymous: httpx.AsyncClient, headers: dict[str, str], allowed: bool
) -> None:
    with sync_session() as session:
        token = create_sign_in_link(session)
    await anonymous.post(SESSION, json={"token": token})
    answer = await anonymous.post("/api/v1/projects", json={"name": "p"}, headers=headers)
    if allowed:
        assert answer.status_code == 201
    else:
        problem(answer, 403, "foreign_origin")


async def test_a_foreign_page_cannot_sign_a_browser_in(anonymous: httpx.AsyncClient) -> None:
    with sync_session() as session:
        token = create_sign_in_link(session)
    answer = await anonymous.post(SESSION, json={"token": token}, headers={"Sec-Fetch-Site": "cross-site"})
    problem(answer, 403, "foreign_origin")


async def test_signing_out_ends_the_session(anonymous: httpx.AsyncClient) -> None:
    with sync_session() as session:
        token = create_sign_in_link(session)
    await anonymous.post(SESSION, json={"token": token})
    kept = anonymous.cookies["exhume_session"]
    answer = await anonymous.delete(SESSION, headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 204
    anonymous.cookies.set("exhume_session", kept)
    problem(await anonymous.get(SESSION), 401, "session_ended")


async def test_sign_in_is_rate_limited(anonymous: httpx.AsyncClient) -> None:
    for _ in range(20):
        problem(await anonymous.post(SESSION, json={"token": "wrong"}), 401, "bad_link")
    answer = await anonymous.post(SESSION, json={"token": "wrong"})
    problem(answer, 429, "too_many_tries")
    assert 0 < int(answer.headers["retry-after"]) <= 60


def test_a_new_admin_key_replaces_the_one_of_the_same_name(settings_env: dict[str, str]) -> None:
    with sync_session() as session:
        create_admin_key(session, "up")
        create_admin_key(session, "up")
    with sync_session() as session:
        keys = session.scalars(select(ApiKey).order_by(ApiKey.id)).all()
        assert [key.revoked_at is None for key in keys] == [False, True]


async def test_a_key_makes_no_key_that_outlives_it(transport: httpx.ASGITransport, tenant: Tenant) -> None:
    path = f"/projects/{tenant.project_id}/keys"
    body = {"name": "a day", "scopes": ["keys:write"], "expires_in_days": 1}
    parent = await created(tenant.client, path, body)
    async with with_key(transport, parent["key"]) as client, _browser(transport) as browser:
        assert (await browser.post(SESSION, json={"api_key": parent["key"]})).status_code == 200
        for caller in (client, browser):
            problem(await caller.post(f"/api/v1{path}", json=body | {"expires_in_days": 2}), 403, "key_outlives")
            made = await created(caller, path, {"name": "default", "scopes": ["keys:write"]})
            assert (made["parent_id"], made["expires_at"]) == (parent["id"], parent["expires_at"])


async def test_revoking_a_key_revokes_what_it_made(transport: httpx.ASGITransport, tenant: Tenant) -> None:
    path = f"/projects/{tenant.project_id}/keys"
    line = [await created(tenant.client, path, {"name": "first", "scopes": ["keys:write"]})]
    for name in ("second", "third"):
        async with with_key(transport, line[-1]["key"]) as client:
            line.append(await created(client, path, {"name": name, "scopes": ["keys:write"]}))
    other = await created(tenant.client, path, {"name": "other", "scopes": ["keys:write"]})
    async with _browser(transport) as browser:
        await browser.post(SESSION, json={"api_key": line[-1]["key"]})
        assert (await tenant.client.delete(f"/api/v1/keys/{line[0]['id']}")).status_code == 204
        problem(await browser.get(SESSION), 401, "session_ended")
    for key in line:
        async with with_key(transport, key["key"]) as client:
            problem(await client.get("/api/v1/projects"), 401, "bad_key")
    async with with_key(transport, other["key"]) as client:
        assert (await client.get("/api/v1/projects")).status_code == 200


async def test_no_cache_keeps_a_new_key(tenant: Tenant) -> None:
    path = f"/api/v1/projects/{tenant.project_id}/keys"
    for _ in range(2):  # the second answer is the stored one
        headers = {"Idempotency-Key": "once and again"}
        answer = await tenant.client.post(path, json={"name": "k", "scopes": ["audits:read"]}, headers=headers)
        assert answer.headers["cache-control"] == "no-store"


def _browser(transport: httpx.ASGITransport) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=transport, base_url=HOST, headers={"Sec-Fetch-Site": "same-origin"})
