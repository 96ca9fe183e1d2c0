"""Search, filters and orders of all lists."""

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from app.db.models import Audit
from app.db.session import async_session
from app.kit.ids import parse_id
from tests.api.conftest import Tenant, created, problem
from tests.api.test_results import audit  # noqa: F401 - the fixture of an audit

API = json.loads((Path(__file__).parents[2] / "openapi.json").read_text())
PAGED = {"limit", "cursor", "q", "sort"}
CHILDREN = {"blind-line-ups", "versions", "decisions", "runs", "changes", "deliveries", "identities", "reconstructions"}
"""Parts of one resource, in an order of their own."""


def lists() -> dict[str, list[dict[str, Any]]]:
    """Return the parameters of every list, by path."""
    found = {path: methods["get"].get("parameters", []) for path, methods in API["paths"].items() if "get" in methods}
    asked = {path: [one for one in given if one["in"] == "query"] for path, given in found.items()}
    return {path: given for path, given in asked.items() if "cursor" in {one["name"] for one in given}}


def values(schema: dict[str, Any]) -> Iterator[str]:
    """Yield values that a parameter accepts."""
    schema = next((one for one in schema.get("anyOf", []) if one.get("type") != "null"), schema)
    schema = schema.get("items", schema)
    if "$ref" in schema:
        schema = API["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    if schema.get("type") == "boolean":
        yield from ("true", "false")
    elif schema.get("format") == "date-time":
        yield "2026-01-31T12:00:00Z"
    else:
        yield from schema.get("enum") or schema.get("examples") or ["50%_"]


def test_every_list_is_searched_and_sorted() -> None:
    assert {path for path, given in lists().items() if not {one["name"] for one in given} >= PAGED} == {
        path for path in lists() if path.rsplit("/", 1)[1] in CHILDREN
    }


async def test_every_order_and_filter_is_answered(tenant: Tenant, admin: httpx.AsyncClient) -> None:
    asked = 0
    for path, given in lists().items():
        if path.count("{") != path.count("{project_id}"):
            continue
        address = path.replace("{project_id}", tenant.project_id)
        for client in (tenant.client, admin):
            if (await client.get(address)).status_code == 200:
                break
        else:
            continue  # for people alone
        for one in given:
            for value in values(one["schema"]) if one["name"] not in {"limit", "cursor"} else ():
                answer = await client.get(address, params={one["name"]: value, "limit": 1})
                assert answer.status_code == 200, (path, one["name"], value, answer.text)
                asked += 1
        problem(await client.get(address, params={"sort": "-nothing"}), 422, "invalid_request")
        problem(await client.get(address, params={"unknown": "1"}), 422, "invalid_request")
    assert asked > 100


async def test_a_search_finds_all_words_in_any_case(tenant: Tenant) -> None:
    path = f"/projects/{tenant.project_id}/targets"
    made = {
        name: await created(tenant.client, path, {"name": name}) for name in ("Badge reader", "100% badge", "door_1")
    }

    async def names(**params: Any) -> list[str]:
        answer = await tenant.client.get(f"/api/v1{path}", params=params)
        assert answer.status_code == 200, answer.text
        return [one["name"] for one in answer.json()["items"]]

    assert await names(q="BADGE") == ["100% badge", "Badge reader"]
    assert await names(q="badge read") == ["Badge reader"]
    assert await names(q="0%") == ["100% badge"]
    assert await names(q="r_1") == ["door_1"]
    assert await names(q="e_r") == []
    assert await names(q=made["door_1"]["id"]) == ["door_1"]
    assert await names(sort="name") == ["100% badge", "Badge reader", "door_1"]
    problem(await tenant.client.get(f"/api/v1{path}?q=%ED%A0%80"), 422, "invalid_request")
    problem(await tenant.client.get(f"/api/v1{path}?q=a%00"), 422, "invalid_request")


async def pages(client: httpx.AsyncClient, path: str, **params: Any) -> AsyncIterator[dict[str, Any]]:
    """Yield the pages of a list, one item each."""
    cursor: str | None = ""
    while cursor is not None:
        page = (await client.get(path, params=params | {"limit": 1} | ({"cursor": cursor} if cursor else {}))).json()
        yield page
        cursor = page["next_cursor"]


async def test_every_order_of_audits_has_every_audit_once(tenant: Tenant, audit: dict[str, Any]) -> None:  # noqa: F811
    path = f"/api/v1/projects/{audit['project_id']}/audits"
    async with async_session() as session:
        original = await session.get_one(Audit, parse_id("aud", audit["id"]))
        columns = {column.key: getattr(original, column.key) for column in Audit.__mapper__.columns}
        columns |= {"created_at": original.created_at}
        session.add_all(Audit(**columns | {"id": uuid4(), "risk": risk}) for risk in (0.3, 0.1, 0.3))
        await session.commit()
    orders = {"risk": [0.1, 0.3, 0.3, None], "-risk": [0.3, 0.3, 0.1, None]}
    for sort in (*orders, "target", "-finished_at", "created_at"):
        seen = [page["items"][0] async for page in pages(tenant.client, path, sort=sort)]
        assert len({one["id"] for one in seen}) == len(seen) == 4, sort
        assert [one["risk"] for one in seen] == orders.get(sort, [one["risk"] for one in seen])
    first = await anext(pages(tenant.client, path, sort="risk"))
    for other in ({"sort": "-risk"}, {"sort": "risk", "state": "queued"}, {"sort": "risk", "q": "t"}, {}):
        problem(await tenant.client.get(path, params=other | {"cursor": first["next_cursor"]}), 422, "other_cursor")


async def test_audits_are_found_by_their_inputs(tenant: Tenant, audit: dict[str, Any]) -> None:  # noqa: F811
    path = f"/api/v1/projects/{audit['project_id']}/audits"
    release, public = audit["release"], audit["public_dataset"]
    for params in (
        {"q": f"{release['target_name']} {release['version']}"},
        {"q": public["name"]},
        {"q": audit["id"]},
        {"target_id": release["target_id"]},
        {"release_id": release["id"]},
        {"dataset_id": public["id"]},
        {"state": ["failed", audit["state"]]},
    ):
        answer = await tenant.client.get(path, params=params)
        assert [one["id"] for one in answer.json()["items"]] == [audit["id"]], params
    for params in ({"q": "no such words"}, {"state": "failed"}, {"dataset_id": f"dst_{'0' * 32}"}):
        assert (await tenant.client.get(path, params=params)).json()["items"] == [], params
