"""Sources for tests, and a client that answers as the documented interfaces do."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from app.outbound.transport import PinnedClient
from tests.api.conftest import Tenant, created

HUB, REGISTRY = "https://huggingface.co", "https://mlflow.example"
HOSTS = '["huggingface.co", "mlflow.example", "files.example", "s3://models"]'
RELEASE = {
    "architecture": "exhume/small-cnn",
    "convention": {"height": 32, "width": 32, "channels": 1},
    "classes": ["ada", "bob", "cyd", "dan"],
}


class Stub(PinnedClient):
    """Answers by method and path. Requests are recorded in `asked`. Nothing is sent."""

    def __init__(self) -> None:
        super().__init__([])
        self.answers: dict[tuple[str, str], httpx.Response] = {}
        self.asked: list[tuple[str, str, dict[str, str], Any]] = []

    def answer(self, method: str, path: str, body: Any = None, status: int = 200, **headers: str) -> None:
        content = body if isinstance(body, bytes) else json.dumps(body or {}).encode()
        self.answers[method, path] = httpx.Response(status, headers=headers, content=content)

    async def send(
        self, method: str, url: str, headers: dict[str, str], *, content: bytes | None = None, plain: bool = True
    ) -> httpx.Response:
        parts = httpx.URL(url)
        self.asked.append((method, parts.path, dict(parts.params), json.loads(content) if content else None))
        found = self.answers.get((method, parts.path))
        if found is None:
            return httpx.Response(404)
        return httpx.Response(found.status_code, headers=found.headers, content=found.content)


@contextmanager
def out_of_order(client: Stub, status: int) -> Iterator[None]:
    """Answer everything with this status for the length of the block."""
    before = client.answers
    client.answers = {key: httpx.Response(status) for key in before}
    yield
    client.answers = before


async def made_source(tenant: Tenant, address: str, **changes: Any) -> dict[str, Any]:
    """Create a target and a source of it."""
    path = f"/projects/{tenant.project_id}"
    if "target_id" not in changes:
        changes["target_id"] = (await created(tenant.client, f"{path}/targets", {"name": "t"}))["id"]
    body = {"name": "registry", "address": address, "release": RELEASE} | changes
    return await created(tenant.client, f"{path}/sources", body)


async def shown(tenant: Tenant, source: dict[str, Any]) -> dict[str, Any]:
    return dict((await tenant.client.get(f"/api/v1/sources/{source['id']}")).json())


async def changes_of(tenant: Tenant, source: dict[str, Any]) -> list[dict[str, Any]]:
    return list((await tenant.client.get(f"/api/v1/sources/{source['id']}/changes")).json()["items"])
