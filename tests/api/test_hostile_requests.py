"""Texts, numbers and cursors that PostgreSQL cannot hold, and bodies of the largest size."""

import base64
import json
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.kit.body_limit import MAX_NAMES_BYTES
from tests.api import seeds
from tests.api.conftest import Tenant, problem

ODD = {
    "NUL": '"a\\u0000b"',
    "NUL in a key": '{"a\\u0000b": 1}',
    "a lone surrogate": '"\\ud800"',
    "NaN": "NaN",
    "infinity": "-Infinity",
    "a number that overflows": "1e999",
    "an integer of 30 digits": "9" * 30,
    "deep nesting": "[" * 100_000 + "]" * 100_000,
}
LONGEST_SECONDS = 3.0


async def send(client: httpx.AsyncClient, method: str, path: str, content: str | bytes) -> httpx.Response:
    """Send a JSON text as it is."""
    return await client.request(method, f"/api/v1{path}", content=content, headers={"Content-Type": "application/json"})


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD.keys())
async def test_values_that_cannot_be_stored_are_rejected(tenant: Tenant, release: dict[str, Any], odd: str) -> None:
    project, target = f"/projects/{tenant.project_id}", f"/targets/{release['target_id']}"
    described = json.dumps(seeds.RELEASE | {"version": "2"})
    bodies = {
        f"{project}/targets": f'{{"name": {odd}}}',
        f"{project}/keys": f'{{"name": {odd}, "scopes": ["audits:read"]}}',
        f"{project}/verifiers": f'{{"name": "v", "card": {{"x": {odd}}}}}',
        f"{target}/releases": described.replace('"hyperparameters": {}', f'"hyperparameters": {{"x": [{odd}]}}'),
        f"{target}/waivers": f'{{"rule": "EXH001", "reason": {odd}}}',
        "/architectures/propose": f'{{"tensors": {{"x": [{odd}]}}}}',
    }
    answers = {path: await send(tenant.client, "POST", path, body) for path, body in bodies.items()}
    for answer in answers.values():
        problem(answer, 422, "invalid_request")


@pytest.mark.parametrize("text", ["\\u0000", "\\\\u0000 is six characters"])
async def test_an_escaped_backslash_is_not_a_control_character(tenant: Tenant, text: str) -> None:
    answer = await send(tenant.client, "POST", f"/projects/{tenant.project_id}/targets", f'{{"name": "{text}"}}')
    assert answer.status_code == (422 if text == "\\u0000" else 201)


def cursors(*values: object) -> str:
    """Return a cursor that holds these values."""
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


BAD_CURSORS = [
    "\N{SNOWMAN}",
    "AAAA",
    cursors(),
    *(cursors(one) for one in ("a\0b", "\ud800", 10**30, "9" * 300, None, [], "NaN")),
    *(cursors(one, two) for one in ("a\0b", 10**30, "\ud800", "2020-01-01") for two in ("a\0b", 10**30, "0" * 32)),
]


async def test_a_cursor_that_no_list_returned_is_rejected(tenant: Tenant) -> None:
    paths = json.loads((Path(__file__).parents[2] / "openapi.json").read_text())["paths"]
    lists = [
        path.replace("{project_id}", tenant.project_id).removeprefix("/api/v1")
        for path, methods in paths.items()
        for parameter in methods.get("get", {}).get("parameters", [])
        if parameter["name"] == "cursor" and path.count("{") == path.count("{project_id}")
    ]
    answers = {path: (await tenant.client.get(f"/api/v1{path}")).status_code for path in lists}
    assert set(answers.values()) == {200, 403}, "some lists are for people or the operator"
    lists = [path for path, status in answers.items() if status == 200]
    assert len(lists) > 8
    for path in lists:
        for cursor in BAD_CURSORS:
            problem(await tenant.client.get(f"/api/v1{path}", params={"cursor": cursor}), 400, "bad_cursor")


async def test_a_query_with_nul_is_rejected(tenant: Tenant) -> None:
    audit = f"/api/v1/audits/aud_{'0' * 32}/reconstructions"
    problem(await tenant.client.get(f"{audit}?source=%00"), 422, "invalid_request")
    problem(await tenant.client.get("/api/v1/architectures?query=a%00"), 422, "invalid_request")


def names(count: int) -> list[str]:
    """Return as many distinct names."""
    return [f"n{number}" for number in range(count)]


def largest(project: str, target: str) -> list[tuple[str, dict[str, Any]]]:
    """Return bodies of many values, about as large as their addresses accept."""
    many, pairs = names(100_000), [{"identity": name, "stand_in": f"s{name}"} for name in names(100_000)]
    release = seeds.RELEASE | {"version": "big", "classes": many}
    twin = seeds.RELEASE | {"version": "big", "twin_of": f"rel_{'0' * 32}", "replaced": pairs}
    audit = {"release_id": f"rel_{'0' * 32}", "public_dataset_id": f"dst_{'0' * 32}"}
    return [
        (f"/targets/{target}/releases", twin),
        (f"/targets/{target}/releases", twin | {"replaced": [{"identity": "a", "stand_in": "b"}] * 100_000}),
        (f"/targets/{target}/releases", release | {"classes": [""] * 1_000_000}),
        (f"/targets/{target}/releases", release | {"classes": [f"a\u200b{name}" for name in many]}),
        ("/architectures/propose", {"tensors": {f"t{name}.weight": [64] * 8 for name in many[:20_000]}}),
        ("/architectures/propose", {"tensors": {name: [] for name in names(400_000)}}),
        (f"/projects/{project}/audits/estimate", audit | {"attacks": ["gmi"] * 100_000}),
    ]


async def test_the_largest_bodies_are_answered_in_seconds(tenant: Tenant, release: dict[str, Any]) -> None:
    """The time is that of the processor, as the event loop serves nobody else meanwhile."""
    for path, body in largest(tenant.project_id, release["target_id"]):
        content = json.dumps(body, ensure_ascii=False).encode()
        assert len(content) < MAX_NAMES_BYTES
        begun = time.process_time()
        answer = await send(tenant.client, "POST", path, content)
        seconds = time.process_time() - begun
        assert answer.status_code < 500
        assert seconds < LONGEST_SECONDS, f"{path}: {seconds:.1f} s for {answer.text[:200]}"


async def test_an_answer_lists_some_of_a_million_errors(tenant: Tenant, release: dict[str, Any]) -> None:
    body = seeds.RELEASE | {"version": "2", "classes": [""] * 50_000}
    answer = await tenant.client.post(f"/api/v1/targets/{release['target_id']}/releases", json=body)
    assert len(problem(answer, 422, "invalid_request")["errors"]) == 100
