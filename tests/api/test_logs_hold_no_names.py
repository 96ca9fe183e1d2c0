"""Logs of the API have ids, and no name, key, purpose or query of anybody."""

import io
import json
import logging
from collections.abc import Iterator

import httpx
import pytest
import structlog

from app.observability.logs import configure_logs
from tests.api import seeds
from tests.api.conftest import Tenant, created

NAME, PURPOSE = "Zaphod", "Marvin asked"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What a process of the service writes to its log."""
    root, written = logging.getLogger(), io.StringIO()
    handlers, level, configured = list(root.handlers), root.level, structlog.get_config()
    configure_logs("api", "debug")
    structlog.configure(cache_logger_on_first_use=False)  # or loggers would stay as they are after the test
    handler = root.handlers[0]
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(written)
    yield written
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.configure(**configured)


async def test_no_name_key_purpose_or_query_is_logged(
    log: io.StringIO, tenant: Tenant, anonymous: httpx.AsyncClient
) -> None:
    client, path = tenant.client, f"/projects/{tenant.project_id}"
    key = await tenant.key("audits:read", name=NAME)
    target = await created(client, f"{path}/targets", {"name": NAME})
    release = await created(client, f"/targets/{target['id']}/releases", seeds.RELEASE | {"classes": [NAME, "b"]})
    await created(client, f"{path}/datasets", {"name": NAME, "role": "private"})
    bearer = {"Authorization": f"Bearer {key}"}
    refused = [
        await anonymous.get(f"/api/v1/releases/{release['id']}?name={NAME}", headers=bearer),
        await anonymous.get(f"/api/v1{path}/datasets?name={NAME}", headers={"Authorization": f"Bearer {key}x"}),
        await client.post(f"/api/v1{path}/targets", json={"name": NAME}),
        await client.get("/api/v1/reconstructions/rec_" + "0" * 32 + f"/image?original=true&purpose={PURPOSE}"),
        await client.post(f"/api/v1{path}/targets", json={"name": f"{NAME}\0"}),
    ]
    assert {answer.status_code for answer in refused[1:]} >= {401, 409, 404}
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    assert len([line for line in lines if line["event"] == "request"]) >= 9
    for secret in (NAME, PURPOSE, key, key[4:], "purpose"):
        assert secret not in log.getvalue(), secret
