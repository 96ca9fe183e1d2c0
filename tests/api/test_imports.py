"""Imports through the API: off by default, rejected early, listed like uploads, closed to tus."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from app.db.models import AuditLogEntry, Job
from app.db.session import sync_session
from app.settings import settings
from tests.api.conftest import Tenant, created, problem, with_key
from tests.api.tus import TUS, begin, patch

ADDRESS = "https://models.example/badge/model.safetensors"


@pytest.fixture
def listed(settings_env: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A host that files may be fetched from."""
    monkeypatch.setenv("EXHUME_IMPORT_HOSTS", '["models.example"]')
    settings.cache_clear()
    yield
    settings.cache_clear()


async def test_nothing_is_fetched_by_default(tenant: Tenant, release: dict[str, Any]) -> None:
    answer = await tenant.client.post(f"/api/v1/releases/{release['id']}/imports", json={"address": ADDRESS})
    assert "EXHUME_IMPORT_HOSTS" in problem(answer, 403, "import_off")["detail"]
    with sync_session() as session:
        assert session.scalars(select(Job)).all() == []


@pytest.mark.usefixtures("listed")
async def test_an_import_is_a_job_that_is_listed_and_ended_like_an_upload(
    tenant: Tenant, stranger: Tenant, release: dict[str, Any]
) -> None:
    path = f"/releases/{release['id']}/imports"
    made = await created(tenant.client, path, {"address": ADDRESS, "sha256": "AB" * 32})
    view = {name: made[name] for name in ("state", "address", "filename", "sha256", "length", "received")}
    assert view == {
        "state": "receiving",
        "address": ADDRESS,
        "filename": "model.safetensors",
        "sha256": "ab" * 32,
        "length": 0,
        "received": 0,
    }
    with sync_session() as session:
        job = session.scalars(select(Job)).one()
        assert (job.stage, job.state, job.published_at is not None) == ("fetch", "queued", True)
        entry = session.scalars(select(AuditLogEntry).where(AuditLogEntry.action == "release.import_begun")).one()
        assert entry.details["address"] == ADDRESS
    own = f"/api/v1/uploads/{made['id']}"
    listed = await tenant.client.get(f"/api/v1/projects/{tenant.project_id}/uploads", params={"state": "receiving"})
    assert [one["id"] for one in listed.json()["items"]] == [made["id"]]
    problem(await stranger.client.get(own), 404, "no_such_upload")
    problem(await stranger.client.post(f"/api/v1{path}", json={"address": ADDRESS}), 404, "no_such_release")
    problem(await patch(tenant.client, own, 0, b"bytes of my own"), 409, "upload_is_import")
    assert (await tenant.client.head(own, headers=TUS)).status_code == 409
    assert (await tenant.client.delete(own, headers=TUS)).status_code == 204
    assert (await tenant.client.get(own)).json()["state"] == "terminated"


@pytest.mark.usefixtures("listed")
@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"address": "https://other.example/model.safetensors"}, 403, "import_host"),
        ({"address": "https://models.example/model.pt"}, 422, "import_file_type"),
        ({"address": "file:///etc/model.safetensors"}, 422, "import_address"),
        ({"address": "hf://owner/name@main/model.safetensors"}, 422, "import_unpinned"),
        ({"address": ADDRESS, "token": "hf_secret"}, 422, "invalid_request"),
        ({"address": ADDRESS, "sha256": "short"}, 422, "invalid_request"),
    ],
)
async def test_what_can_be_rejected_before_the_network_is(
    tenant: Tenant, release: dict[str, Any], body: dict[str, str], status: int, code: str
) -> None:
    problem(await tenant.client.post(f"/api/v1/releases/{release['id']}/imports", json=body), status, code)


@pytest.mark.usefixtures("listed")
async def test_a_dataset_takes_image_sets_and_needs_its_own_scope(tenant: Tenant, transport: Any) -> None:
    dataset = await created(tenant.client, f"/projects/{tenant.project_id}/datasets", {"name": "d", "role": "public"})
    path, body = f"/datasets/{dataset['id']}/imports", {"address": "https://models.example/faces.zip"}
    async with with_key(transport, await tenant.key("targets:write")) as client:
        problem(await client.post(f"/api/v1{path}", json=body), 403, "missing_scope")
    made = await created(tenant.client, path, body)
    assert (made["dataset_id"], made["release_id"]) == (dataset["id"], None)


@pytest.mark.usefixtures("listed")
async def test_a_verifier_takes_onnx_models_and_nothing_else(tenant: Tenant, stranger: Tenant, transport: Any) -> None:
    verifier = await created(tenant.client, f"/projects/{tenant.project_id}/verifiers", {"name": "v"})
    path, body = f"/verifiers/{verifier['id']}/imports", {"address": "https://models.example/v.onnx"}
    async with with_key(transport, await tenant.key("targets:write")) as client:
        problem(await client.post(f"/api/v1{path}", json=body), 403, "missing_scope")
    problem(await stranger.client.post(f"/api/v1{path}", json=body), 404, "no_such_verifier")
    for other in ("v.safetensors", "v.pt", "v.zip"):
        answer = await tenant.client.post(f"/api/v1{path}", json={"address": f"https://models.example/{other}"})
        problem(answer, 422, "import_file_type")
    made = await created(tenant.client, path, body)
    assert (made["verifier_id"], made["release_id"], made["dataset_id"]) == (verifier["id"], None, None)
    with sync_session() as session:
        assert session.scalars(select(Job.stage)).all() == ["fetch"]
        entry = session.scalars(select(AuditLogEntry).where(AuditLogEntry.action == "verifier.import_begun")).one()
        assert (entry.subject, entry.details["address"]) == (verifier["id"], body["address"])


async def test_a_verifier_comes_in_pieces_and_counts_in_the_quota(
    tenant: Tenant, release: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    verifier = await created(tenant.client, f"/projects/{tenant.project_id}/verifiers", {"name": "v"})
    answer = await begin(tenant.client, f"/verifiers/{verifier['id']}", 10)
    assert answer.status_code == 201, answer.text
    assert answer.headers["tus-resumable"] == "1.0.0"
    place = answer.headers["location"]
    monkeypatch.setenv("EXHUME_MAX_PROJECT_BYTES", "15")
    settings.cache_clear()
    more = await begin(tenant.client, f"/verifiers/{verifier['id']}", 6)
    assert "holds 10 of 15 bytes" in problem(more, 413, "quota_exceeded")["detail"]
    assert (await patch(tenant.client, place, 0, b"0123456789")).status_code == 204
    found = (await tenant.client.get(f"/api/v1/verifiers/{verifier['id']}")).json()
    assert (found["state"], found["size_bytes"]) == ("checking", 10)
    problem(await begin(tenant.client, f"/releases/{release['id']}", 6), 413, "quota_exceeded")
