"""An API in the test's event loop, with keys of an administrator and of two tenants."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from app.auth import passwords
from app.auth.bootstrap import create_admin_key
from app.db.session import async_engine, configured_url, sync_session
from app.main import create_app
from tests.api import seeds

HOST = "http://127.0.0.1:8719"
ALL = [
    "keys:write",
    "targets:write",
    "datasets:write",
    "audits:read",
    "audits:write",
    "policies:write",
    "waivers:write",
    "waivers:approve",
    "reconstructions:reveal",
    "blind-line-ups:review",
    "data:delete",
    "data:hold",
    "webhooks:write",
    "log:read",
]


@dataclass
class Tenant:
    """A project and a client with one of its keys."""

    project_id: str
    client: httpx.AsyncClient

    async def key(self, *scopes: str, name: str = "k") -> str:
        """Return a key that has only these scopes."""
        answer = await self.client.post(
            f"/api/v1/projects/{self.project_id}/keys", json={"name": name, "scopes": scopes}
        )
        assert answer.status_code == 201, answer.text
        return str(answer.json()["key"])


@pytest.fixture(scope="session", autouse=True)
def least_effort() -> Iterator[None]:
    """Hash passwords with little effort. With the usual one, each takes a fifth of a second."""
    hashes = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hashes", lambda: hashes)
        passwords._of_nobody.cache_clear()
        yield
    passwords._of_nobody.cache_clear()


@pytest.fixture(scope="session")
def application() -> FastAPI:
    """The application. It takes longer to build than most tests, and keeps nothing."""
    return create_app()


@pytest.fixture
async def transport(settings_env: dict[str, str], application: FastAPI) -> AsyncIterator[httpx.ASGITransport]:
    """The application, started for one test and without a network."""
    application.state.stopping = asyncio.Event()
    async with application.router.lifespan_context(application):
        yield httpx.ASGITransport(app=application)
    await async_engine(configured_url()).dispose()


@pytest.fixture
async def anonymous(transport: httpx.ASGITransport) -> AsyncIterator[httpx.AsyncClient]:
    """A client without a key."""
    async with httpx.AsyncClient(transport=transport, base_url=HOST) as client:
        yield client


@pytest.fixture
async def admin(transport: httpx.ASGITransport) -> AsyncIterator[httpx.AsyncClient]:
    """A client with an administrator's key."""
    with sync_session() as session:
        key = create_admin_key(session, "tests")
    async with with_key(transport, key) as client:
        yield client


@pytest.fixture
async def tenant(transport: httpx.ASGITransport, admin: httpx.AsyncClient) -> AsyncIterator[Tenant]:
    """A project with a key that has all scopes."""
    made = await make_tenant(transport, admin, "ours")
    yield made
    await made.client.aclose()


@pytest.fixture
async def stranger(transport: httpx.ASGITransport, admin: httpx.AsyncClient) -> AsyncIterator[Tenant]:
    """Another project with a key that has all scopes."""
    made = await make_tenant(transport, admin, "theirs")
    yield made
    await made.client.aclose()


@pytest.fixture
async def release(tenant: Tenant) -> dict[str, Any]:
    """A release without a file."""
    target = await created(tenant.client, f"/projects/{tenant.project_id}/targets", {"name": "t"})
    return await created(tenant.client, f"/targets/{target['id']}/releases", seeds.RELEASE)


def with_key(transport: httpx.ASGITransport, key: str) -> httpx.AsyncClient:
    """Return a client with this key."""
    return httpx.AsyncClient(transport=transport, base_url=HOST, headers={"Authorization": f"Bearer {key}"})


async def make_tenant(transport: httpx.ASGITransport, admin: httpx.AsyncClient, name: str) -> Tenant:
    """Create a project and a key."""
    project = await created(admin, "/projects", {"name": name})
    key = await created(admin, f"/projects/{project['id']}/keys", {"name": f"{name} all", "scopes": ALL})
    return Tenant(project["id"], with_key(transport, key["key"]))


async def created(client: httpx.AsyncClient, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """POST a request that must succeed, and return the resource."""
    answer = await client.post(f"/api/v1{path}", json=body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """Check the shape of a problem and return its body."""
    assert (answer.status_code, answer.json().get("code")) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert set(body) == {"type", "title", "status", "code", "detail", "errors", "instance"}
    assert body["status"] == status
    assert body["type"] == f"/problems/{code}"
    assert body["instance"] == f"urn:exhume:request:{answer.headers['x-request-id']}"
    return body
