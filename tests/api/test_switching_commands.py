"""Webhooks and sources are paused and resumed on the command line."""

import httpx
import pytest

from app.settings import settings
from tests.api.command_line import CommandLine
from tests.api.conftest import ALL, Tenant, created
from tests.api.sources import HOSTS, made_source


@pytest.mark.parametrize("noun", ["webhook", "source"])
async def test_it_is_paused_and_resumed_by_name(
    noun: str,
    settings_env: dict[str, str],
    transport: httpx.ASGITransport,
    tenant: Tenant,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("EXHUME_IMPORT_HOSTS", HOSTS)
    settings.cache_clear()
    path = f"/projects/{tenant.project_id}"
    if noun == "webhook":
        body = {"name": "registry", "address": "https://hooks.example/x", "events": ["decision.made"]}
        made = await created(tenant.client, f"{path}/webhooks", body)
    else:
        made = await made_source(tenant, "https://files.example/model.safetensors")
    exhume = CommandLine(transport, monkeypatch, await tenant.key(*ALL))
    for command, active in (("pause", False), ("resume", True)):
        await exhume(noun, command, "registry")
        found = await tenant.client.get(f"/api/v1/{noun}s/{made['id']}")
        assert found.json()["active"] is active
    assert (await exhume.run(noun, "pause", "no-such")).exit_code == 4
