"""The asynchronous client against the API itself: its documents are those that the API sends."""

import os
from pathlib import Path
from typing import Any

import httpx
import pytest

from exhume import AsyncClient, ConflictError, NotFoundError, PermissionDeniedError, sha256_of
from tests.api import seeds
from tests.api.conftest import HOST, Tenant

DESCRIPTION: dict[str, Any] = {name: value for name, value in seeds.RELEASE.items() if name != "version"}


def client(transport: httpx.ASGITransport, key: str) -> AsyncClient:
    return AsyncClient(HOST, key, transport=transport)


async def test_a_release_is_uploaded_and_audited(
    transport: httpx.ASGITransport, tenant: Tenant, tmp_path: Path
) -> None:
    file = tmp_path / "model.safetensors"
    file.write_bytes(os.urandom(100_000))
    project = tenant.project_id
    key = await tenant.key("targets:write", "datasets:write", "audits:read", "audits:write")
    async with client(transport, key) as ours:
        assert [one.id async for one in ours.projects()] == [project]
        target = await ours.create_target(project, "door")
        assert [one.name async for one in ours.targets(project)] == ["door"]
        release = await ours.create_release(target.id, "1", DESCRIPTION, sha256=sha256_of(file))
        sent: list[int] = []
        await ours.send_file(release.path, file, progress=sent.append)
        assert (await ours.release(release.id)).state == "checking"
        assert sent[-1] == 100_000
        sets = [await ours.create_dataset(project, role, role) for role in ("public", "private")]
        seeds.make_ready(release.id, *(one.id for one in sets))
        assert [one.state async for one in ours.datasets(project)] == ["ready", "ready"]
        assert [one.label async for one in ours.releases(project)] == ["door:1"]
        request = {
            **{"release_id": release.id, "public_dataset_id": sets[0].id, "private_dataset_id": sets[1].id},
            "identities": 3,
        }
        assert (await ours.estimate(project, request)).identities == 3
        audit = await ours.start_audit(project, request | {"rights": seeds.RIGHTS}, key="run-number-1")
        again = await ours.start_audit(project, request | {"rights": seeds.RIGHTS}, key="run-number-1")
        assert (audit.id, audit.state, audit.plan.seed) == (again.id, "queued", 0)
        assert {one.stage for one in await ours.jobs(audit.id)} >= {"references", "attack", "score"}
        assert (await ours.cancel_audit(audit.id)).state == "cancelled"
        assert (await ours.wait_for_audit(audit.id)).finished
        assert {one.kind async for one in ours.events(audit.id)} >= {"audit"}
        assert [one.id async for one in ours.audits(project)] == [audit.id]


async def test_problems_are_raised_as_typed_errors(transport: httpx.ASGITransport, tenant: Tenant) -> None:
    async with client(transport, await tenant.key("audits:read")) as reader:
        with pytest.raises(PermissionDeniedError):
            await reader.create_target(tenant.project_id, "door")
        with pytest.raises(NotFoundError):
            await reader.release("rel_" + "0" * 32)
    async with client(transport, await tenant.key("targets:write")) as writer:
        target = await writer.create_target(tenant.project_id, "door")
        with pytest.raises(ConflictError):
            await writer.create_target(tenant.project_id, target.name)
