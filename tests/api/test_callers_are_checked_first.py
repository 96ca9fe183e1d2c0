"""The caller and the scope are checked before the body of a request is read."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.types import Message

from app.auth.routing import Route
from app.openapi import OPEN
from tests.api.conftest import Tenant

DOCUMENT = json.loads((Path(__file__).parents[2] / "openapi.json").read_text())
ANY_CALLER = {
    "session-delete",
    *("releases-preflight", "architectures-propose", "schedules-preview_draft"),
    *("uploads-append", "uploads-locate", "uploads-terminate"),  # the scope depends on the owner of the upload
    "identities-export",  # a refusal is logged with the purpose in the body
    "waivers-revoke",  # by whoever asked for it, or with either scope
}
"""Operations with a body that need no scope, or one that the body does not decide."""


class ReadBodyError(AssertionError):
    """The application read the body."""


def operations() -> Iterator[tuple[str, str, str]]:
    """Return method, path and name of operations that may have a body. The ids do not exist."""
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            if method not in {"get", "head"} and operation["operationId"] not in OPEN | {"sources-webhook"}:
                yield method.upper(), with_ids(path, operation.get("parameters", [])), operation["operationId"]


def with_ids(path: str, parameters: list[dict[str, Any]]) -> str:
    """Return a path whose parameters are well-formed ids."""
    for parameter in parameters:
        if parameter["in"] == "path":
            path = path.replace("{" + parameter["name"] + "}", parameter["schema"]["pattern"][1:5] + "0" * 32)
    return path


async def status(app: FastAPI, method: str, path: str, key: str | None) -> int:
    """Return the status of a request whose body must not be read."""
    headers = [(b"host", b"127.0.0.1"), (b"content-type", b"application/json"), (b"content-length", b"100")]
    headers += [(b"tus-resumable", b"1.0.0")]
    if key is not None:
        headers.append((b"authorization", f"Bearer {key}".encode()))
    scope: dict[str, Any] = {
        **{"type": "http", "http_version": "1.1", "scheme": "http", "method": method, "path": path},
        **{"raw_path": path.encode(), "query_string": b"", "headers": headers, "client": ("127.0.0.1", 1)},
        **{"server": ("127.0.0.1", 8719), "root_path": "", "app": app},
    }
    sent: list[Message] = []

    async def receive() -> Message:
        raise ReadBodyError(f"{method} {path} read the body")

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return int(sent[0]["status"])


async def test_without_a_key_no_body_is_read(application: FastAPI, settings_env: dict[str, str]) -> None:
    found = {operation: await status(application, method, path, None) for method, path, operation in operations()}
    assert {operation: code for operation, code in found.items() if code != 401} == {}


async def test_without_the_scope_no_body_is_read(application: FastAPI, tenant: Tenant) -> None:
    key = await tenant.key("log:read")
    asked = [one for one in operations() if one[2] not in ANY_CALLER]
    found = {operation: await status(application, method, path, key) for method, path, operation in asked}
    assert {operation: code for operation, code in found.items() if code != 403} == {}


def test_every_route_of_the_api_checks_the_caller(application: FastAPI) -> None:
    routes = [context.route for context in iter_route_contexts(application.routes)]
    of_api = [route for route in routes if isinstance(route, APIRoute) and type(route) is not Route]
    assert {route.tags[0] if route.tags else route.name for route in of_api} <= {
        *("health", "problem-types", "document", "page")
    }
