"""Reads without FastAPI's dependency tree answer like every other route."""

from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from sqlalchemy import event

from app.auth.authenticate import authenticate
from app.auth.direct import is_direct
from app.db.reads import Compiled, Reads
from app.db.session import async_engine, configured_url
from tests.api.conftest import Tenant, created, problem, with_key
from tests.api.test_results import audit  # noqa: F401 - the fixture of an audit
from tests.api.whole_document import unknown


def test_reads_of_audits_are_direct(application: FastAPI) -> None:
    routes = [route for route in application.routes if isinstance(route, APIRoute)]
    found = {route.name for route in routes if is_direct(route, lambda call: call is authenticate)}
    assert {"get", "list", "list_of_project", "identities"} <= found


async def test_a_direct_read_rejects_bad_ids_and_parameters(tenant: Tenant) -> None:
    made_up = f"/api/v1/audits/{unknown('aud')}"
    problem(await tenant.client.get(made_up), 404, "no_such_audit")
    problem(await tenant.client.get(f"{made_up}0"), 404, "not_found")
    problem(await tenant.client.get(f"{made_up}?x=%00"), 422, "invalid_request")
    problem(await tenant.client.get("/api/v1/audits?limit=0"), 422, "invalid_request")
    problem(await tenant.client.get("/api/v1/audits?cursor=x"), 400, "bad_cursor")
    problem(await tenant.client.post("/api/v1/audits"), 405, "method_not_allowed")


async def test_a_direct_read_needs_a_key_with_its_scope(transport: httpx.ASGITransport, tenant: Tenant) -> None:
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as stranger:
        answer = await stranger.get("/api/v1/audits")
    problem(answer, 401, "not_signed_in")
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.headers["cache-control"] == "private, no-cache"
    key = await tenant.key("log:read")
    refused = await tenant.client.get("/api/v1/audits", headers={"Authorization": f"Bearer {key}"})
    problem(refused, 403, "missing_scope")


PARTS = ("", "/jobs", "/identities", "/reconstructions", "/result", "/events", "/drift")


@pytest.mark.parametrize("key", ["stranger", "organisation"])
async def test_ids_of_others_take_the_same_work_as_unknown_ones(
    transport: httpx.ASGITransport,
    admin: httpx.AsyncClient,
    stranger: Tenant,
    audit: dict[str, Any],  # noqa: F811
    asked: list[str],
    key: str,
) -> None:
    client = stranger.client
    if key == "organisation":
        other = await created(admin, "/organisations", {"name": "other"})
        body = {"name": "reader", "scopes": ["audits:read"]}
        client = with_key(transport, (await created(admin, f"/organisations/{other['id']}/keys", body))["key"])
    paths = {f"/api/v1/audits/{audit['id']}{part}": f"/api/v1/audits/{unknown('aud')}{part}" for part in PARTS}
    paths[f"/api/v1/projects/{audit['project_id']}/audits"] = f"/api/v1/projects/{unknown('prj')}/audits"
    await client.get("/api/v1/audits")
    for foreign, made_up in paths.items():
        work = []
        for path in (foreign, made_up):
            asked.clear()
            assert (await client.get(path)).status_code == 404, path
            work.append([text for text in asked if "api_key" not in text])
        assert work[0] == work[1], foreign
        assert work[0], foreign


@pytest.fixture
def asked(settings_env: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The statements that PostgreSQL is asked, by sessions and by reads."""
    texts: list[str] = []
    rows = Reads.rows

    async def seen(self: Reads, statement: Compiled, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        texts.append(statement.text)
        return await rows(self, statement, values)

    def executed(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        texts.append(statement)

    monkeypatch.setattr(Reads, "rows", seen)
    engine = async_engine(configured_url()).sync_engine
    event.listen(engine, "before_cursor_execute", executed)
    yield texts
    event.remove(engine, "before_cursor_execute", executed)
