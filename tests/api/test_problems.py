"""Every error has the same shape, and unexpected errors reveal nothing."""

from collections.abc import AsyncIterator

import httpx
import pytest

from app.main import create_app
from app.settings import settings
from tests.api.conftest import Tenant, problem


async def test_an_unknown_address(admin: httpx.AsyncClient) -> None:
    problem(await admin.get("/api/v1/nothing"), 404, "no_such_address")
    problem(await admin.post("/api/v1/nothing"), 404, "no_such_address")


async def test_a_wrong_method(admin: httpx.AsyncClient) -> None:
    answer = await admin.put("/api/v1/projects", json={})
    problem(answer, 405, "method_not_allowed")
    assert "GET" in answer.headers["allow"]


async def test_a_body_that_does_not_fit_says_where(admin: httpx.AsyncClient) -> None:
    body = problem(await admin.post("/api/v1/projects", json={"nam": "x"}), 422, "invalid_request")
    assert {fault["where"] for fault in body["errors"]} == {"body.name", "body.nam"}


async def test_broken_json(admin: httpx.AsyncClient) -> None:
    answer = await admin.post("/api/v1/projects", content=b"{", headers={"Content-Type": "application/json"})
    problem(answer, 422, "invalid_request")


@pytest.mark.parametrize("headers", [{}, {"Content-Type": "application/x-www-form-urlencoded"}])
async def test_json_that_is_not_declared_as_json(admin: httpx.AsyncClient, headers: dict[str, str]) -> None:
    answer = await admin.post("/api/v1/projects", content=b'{"name": "x"}', headers=headers)
    assert "`Content-Type: application/json`" in problem(answer, 422, "invalid_request")["detail"]


async def test_what_was_sent_is_not_echoed(admin: httpx.AsyncClient) -> None:
    answer = await admin.post("/api/v1/session", json={"token": "tell-nobody", "api_key": "nor-this"})
    problem(answer, 422, "invalid_request")
    assert "tell-nobody" not in answer.text


@pytest.mark.parametrize("identifier", ["prj_", "aud_0198c2f0a1b27c3d8e4f5a6b7c8d9e0f", "1", "prj_" + "g" * 32])
async def test_a_malformed_id_leads_nowhere(admin: httpx.AsyncClient, identifier: str) -> None:
    problem(await admin.get(f"/api/v1/projects/{identifier}"), 404, "not_found")


async def test_a_body_over_the_limit(admin: httpx.AsyncClient) -> None:
    answer = await admin.post("/api/v1/projects", json={"name": "x" * (9 * 1024 * 1024)})
    problem(answer, 413, "body_too_large")

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(9):
            yield b" " * 1024 * 1024

    headers = {"Content-Type": "application/json"}
    problem(await admin.post("/api/v1/projects", content=chunks(), headers=headers), 413, "body_too_large")


async def test_an_unexpected_error_is_answered_without_details(settings_env: dict[str, str]) -> None:
    app = create_app()

    @app.get("/api/v1/broken")
    async def broken() -> None:
        raise RuntimeError("secret detail")

    app.router.routes.insert(0, app.router.routes.pop())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://localhost") as client:
        answer = await client.get("/api/v1/broken")
    assert "secret detail" not in answer.text
    assert answer.headers["x-request-id"] in problem(answer, 500, "internal")["detail"]


async def test_a_database_that_is_away(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(settings(), "database_url", "postgresql://nobody@127.0.0.1:1/none")
        answer = await tenant.client.get("/api/v1/projects")
    problem(answer, 503, "database_unavailable")
    assert answer.headers["retry-after"] == "2"


async def test_a_foreign_host_name_is_rejected(anonymous: httpx.AsyncClient) -> None:
    for host in ("rebound.example", "localhost:1@rebound.example", "localhost:1/rebound.example", "[::1]x"):
        problem(await anonymous.get("/livez", headers={"Host": host}), 400, "unknown_host")
    assert (await anonymous.get("/livez", headers={"Host": "[::1]:8719"})).status_code == 200


async def test_a_request_id_is_adopted_if_well_formed(anonymous: httpx.AsyncClient) -> None:
    answer = await anonymous.get("/livez", headers={"X-Request-Id": "abcdef-123456"})
    assert answer.headers["x-request-id"] == "abcdef-123456"
    answer = await anonymous.get("/livez", headers={"X-Request-Id": "a b"})
    assert answer.headers["x-request-id"] != "a b"


async def test_security_headers(tenant: Tenant) -> None:
    answer = await tenant.client.get("/api/v1/projects")
    assert answer.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert answer.headers["cache-control"] == "private, no-cache"
