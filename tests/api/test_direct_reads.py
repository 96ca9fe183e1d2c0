"""Reads without FastAPI's dependency tree answer like every other route."""

import httpx
from fastapi import FastAPI
from fastapi.routing import APIRoute

from app.auth.authenticate import authenticate
from app.auth.direct import is_direct
from tests.api.conftest import Tenant, problem
from tests.api.whole_document import unknown


def test_reads_of_audits_are_direct(application: FastAPI) -> None:
    routes = [route for route in application.routes if isinstance(route, APIRoute)]
    found = {route.name for route in routes if is_direct(route, lambda call: call is authenticate)}
    assert {"get", "list", "list_of_project"} <= found


async def test_they_reject_what_does_not_fit(tenant: Tenant) -> None:
    audit = f"/api/v1/audits/{unknown('aud')}"
    problem(await tenant.client.get(audit), 404, "no_such_audit")
    problem(await tenant.client.get(f"{audit}0"), 404, "not_found")
    problem(await tenant.client.get(f"{audit}?x=%00"), 422, "invalid_request")
    problem(await tenant.client.get("/api/v1/audits?limit=0"), 422, "invalid_request")
    problem(await tenant.client.get("/api/v1/audits?cursor=x"), 400, "bad_cursor")
    problem(await tenant.client.post("/api/v1/audits"), 405, "method_not_allowed")


async def test_they_need_a_key_and_its_scope(transport: httpx.ASGITransport, tenant: Tenant) -> None:
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as stranger:
        answer = await stranger.get("/api/v1/audits")
    problem(answer, 401, "not_signed_in")
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.headers["cache-control"] == "private, no-cache"
    key = await tenant.key("log:read")
    refused = await tenant.client.get("/api/v1/audits", headers={"Authorization": f"Bearer {key}"})
    problem(refused, 403, "missing_scope")
