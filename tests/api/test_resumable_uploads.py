"""Resumable uploads by tus 1.0.0, from creation to termination, and permissions."""

import base64
import hashlib
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import select

from app.db.models import Job
from app.db.session import sync_session
from app.settings import settings
from app.storage.store import Store
from tests.api import seeds
from tests.api.conftest import Tenant, created, problem, with_key
from tests.api.tus import DATA, SHA, TUS, begin, begun, offset_of, patch, release_row, row, stored
from tests.sealed import quarantined


@pytest.fixture
async def upload(tenant: Tenant, release: dict[str, Any]) -> str:
    """Return the address of an upload that has begun."""
    return await begun(tenant, release, sha256=SHA, filename="model.safetensors")


async def test_the_server_says_what_it_can(anonymous: httpx.AsyncClient) -> None:
    answer = await anonymous.options(f"/api/v1/releases/rel_{uuid4().hex}/uploads")
    assert answer.status_code == 204
    assert answer.headers["tus-version"] == "1.0.0"
    assert answer.headers["tus-extension"] == "creation,checksum,expiration,termination"
    assert answer.headers["tus-max-size"] == str(settings().max_checkpoint_bytes)
    assert answer.headers["tus-checksum-algorithm"].startswith("sha1,")
    assert answer.headers["tus-resumable"] == "1.0.0"


async def test_a_file_in_pieces_is_handed_to_the_intake(tenant: Tenant, release: dict[str, Any], upload: str) -> None:
    for start in range(0, len(DATA), 1_100_000):
        answer = await patch(tenant.client, upload, start, DATA[start : start + 1_100_000])
        assert (answer.status_code, answer.headers["tus-resumable"]) == (204, "1.0.0")
        assert answer.headers["upload-offset"] == str(min(start + 1_100_000, len(DATA)))
        assert "GMT" in answer.headers["upload-expires"]
    found = release_row()
    assert (found.state, found.sha256, found.size_bytes) == ("checking", SHA, len(DATA))
    (file,) = stored()
    assert quarantined(f"quarantine/{file.name}") == DATA
    assert file.stat().st_mode & 0o777 == 0o600
    assert found.object_key == f"quarantine/{file.name}"
    with sync_session() as session:
        job = session.scalars(select(Job)).one()
        assert (job.stage, job.subject_id, job.state) == ("intake_release", found.id, "queued")
        assert job.published_at is not None
    document = (await tenant.client.get(upload)).json()
    assert (document["state"], document["received"], document["release_id"]) == ("complete", len(DATA), release["id"])
    assert await offset_of(tenant.client, upload) == len(DATA)
    problem(await patch(tenant.client, upload, len(DATA), b"x"), 409, "upload_complete")


async def test_a_dataset_likewise(tenant: Tenant) -> None:
    dataset = await created(tenant.client, f"/projects/{tenant.project_id}/datasets", {"name": "d", "role": "public"})
    answer = await begin(tenant.client, f"/datasets/{dataset['id']}", len(DATA))
    assert (await patch(tenant.client, answer.headers["location"], 0, DATA)).status_code == 204
    assert (await tenant.client.get(f"/api/v1/datasets/{dataset['id']}")).json()["state"] == "checking"
    problem(await begin(tenant.client, f"/datasets/{dataset['id']}", 5), 409, "not_awaiting_upload")


async def test_another_digest_refuses_the_upload(tenant: Tenant, release: dict[str, Any]) -> None:
    address = await begun(tenant, release, sha256="0" * 64)
    problem(await patch(tenant.client, address, 0, DATA), 422, "digest_mismatch")
    assert stored() == []
    document = (await tenant.client.get(address)).json()
    assert (document["state"], document["problem"]["code"]) == ("refused", "digest_mismatch")
    assert (await tenant.client.head(address, headers=TUS)).status_code == 410
    assert release_row().state == "awaiting_upload"


async def test_a_wrong_offset_names_the_right_one(tenant: Tenant, upload: str) -> None:
    await patch(tenant.client, upload, 0, DATA[:1000])
    for offset in (0, 999, 1001):
        answer = await patch(tenant.client, upload, offset, DATA[offset : offset + 10])
        problem(answer, 409, "offset_mismatch")
        assert answer.headers["upload-offset"] == "1000"
    assert await offset_of(tenant.client, upload) == 1000


@pytest.mark.parametrize("length_given", [True, False])
async def test_more_than_announced_is_rejected(tenant: Tenant, release: dict[str, Any], length_given: bool) -> None:
    address = await begun(tenant, release, length=1000)

    async def chunks() -> AsyncIterator[bytes]:
        yield DATA[:900]
        yield DATA[900:2000]

    answer = await patch(tenant.client, address, 0, DATA[:2000] if length_given else chunks())
    problem(answer, 413, "overlong_piece")
    assert await offset_of(tenant.client, address) == (0 if length_given else 900)


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "sha512"])
async def test_a_piece_with_a_wrong_checksum_is_dropped(tenant: Tenant, upload: str, algorithm: str) -> None:
    def checksum(data: bytes) -> str:
        return f"{algorithm} {base64.b64encode(hashlib.new(algorithm, data).digest()).decode()}"

    first, rest = DATA[:1_200_000], DATA[1_200_000:]
    good = await patch(tenant.client, upload, 0, first, Upload_Checksum=checksum(first))
    assert good.status_code == 204
    damaged = await patch(tenant.client, upload, len(first), rest, Upload_Checksum=checksum(first))
    problem(damaged, 460, "checksum_mismatch")
    assert await offset_of(tenant.client, upload) == len(first)
    assert (await patch(tenant.client, upload, len(first), rest, Upload_Checksum=checksum(rest))).status_code == 204
    assert release_row().sha256 == SHA


async def test_headers_are_read_strictly(tenant: Tenant, release: dict[str, Any], upload: str) -> None:
    client, path = tenant.client, f"/api/v1/releases/{release['id']}/uploads"
    other = await client.post(path, headers={"Upload-Length": "5", "Tus-Resumable": "0.2.2"})
    problem(other, 412, "tus_version")
    assert other.headers["tus-version"] == "1.0.0"
    problem(await client.post(path, headers=TUS | {"Upload-Defer-Length": "1"}), 400, "upload_length")
    problem(await client.post(path, headers=TUS | {"Upload-Length": "0"}), 422, "empty_upload")
    for metadata in ("filename !", "a YQ==,a YQ==", "sha256 YQ=="):
        answer = await client.post(path, headers=TUS | {"Upload-Length": "5", "Upload-Metadata": metadata})
        assert answer.json()["code"] in {"bad_metadata", "bad_digest"}
    problem(await patch(client, upload, 0, b"x", Content_Type="text/plain"), 415, "media_type")
    problem(await patch(client, upload, 0, b"x", Upload_Checksum="crc32 AAAAAA=="), 400, "checksum_algorithm")
    problem(await patch(client, upload, 0, b"x", Upload_Checksum="sha1 AAAA"), 400, "bad_checksum")
    assert await offset_of(client, upload) == 0


async def test_metadata_come_back_as_they_were_sent(tenant: Tenant, upload: str) -> None:
    answer = await tenant.client.head(upload, headers=TUS)
    assert answer.headers["upload-length"] == str(len(DATA))
    sent = (
        f"sha256 {base64.b64encode(SHA.encode()).decode()},filename {base64.b64encode(b'model.safetensors').decode()}"
    )
    assert answer.headers["upload-metadata"] == sent
    listed = (await tenant.client.get(f"/api/v1/projects/{tenant.project_id}/uploads?state=receiving")).json()["items"]
    assert [(item["filename"], item["sha256"], item["received"]) for item in listed] == [("model.safetensors", SHA, 0)]
    assert (await tenant.client.get(f"/api/v1/projects/{tenant.project_id}/uploads?state=expired")).json()[
        "items"
    ] == []


async def test_a_method_may_be_overridden(tenant: Tenant, upload: str) -> None:
    headers = TUS | {"Content-Type": "application/offset+octet-stream", "Upload-Offset": "0"}
    piece = await tenant.client.post(upload, content=DATA, headers=headers | {"X-HTTP-Method-Override": "PATCH"})
    assert piece.status_code == 204
    problem(await tenant.client.post(upload, headers=TUS), 404, "no_such_address")


async def test_nobody_else_can_read_or_change_an_upload(
    transport: httpx.ASGITransport, tenant: Tenant, stranger: Tenant, upload: str
) -> None:
    for client in (stranger.client,):
        problem(await patch(client, upload, 0, DATA), 404, "no_such_upload")
        assert (await client.head(upload, headers=TUS)).status_code == 404
        problem(await client.delete(upload, headers=TUS), 404, "no_such_upload")
        problem(await client.get(upload), 404, "no_such_upload")
    async with with_key(transport, await tenant.key("datasets:write", "audits:read")) as reader:
        problem(await patch(reader, upload, 0, DATA), 403, "missing_scope")
        assert (await reader.head(upload, headers=TUS)).status_code == 403
        problem(await reader.delete(upload, headers=TUS), 403, "missing_scope")
    assert (row().received, stored()) == (0, [])


async def test_no_one_begins_without_the_right(
    transport: httpx.ASGITransport, tenant: Tenant, stranger: Tenant, release: dict[str, Any]
) -> None:
    problem(await begin(stranger.client, f"/releases/{release['id']}", 5), 404, "no_such_release")
    async with with_key(transport, await tenant.key("datasets:write")) as other:
        problem(await begin(other, f"/releases/{release['id']}", 5), 403, "missing_scope")


async def test_quota_and_limits_are_asked_before_the_first_byte(
    tenant: Tenant, release: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"/releases/{release['id']}"
    monkeypatch.setattr(settings(), "max_checkpoint_bytes", 10_000_000)
    problem(await begin(tenant.client, path, 10_000_001), 413, "too_large")
    monkeypatch.setattr(settings(), "max_project_bytes", 1_000_000)
    await begun(tenant, release, length=700_000)
    body = problem(await begin(tenant.client, path, 300_001), 413, "quota_exceeded")
    assert "700,000 of 1,000,000" in body["detail"]
    put = await tenant.client.put(f"/api/v1{path}/file", content=DATA[:300_001])
    problem(put, 413, "quota_exceeded")

    async def untold() -> AsyncIterator[bytes]:
        yield DATA[:300_001]

    problem(await tenant.client.put(f"/api/v1{path}/file", content=untold()), 413, "too_large")
    monkeypatch.setattr(settings(), "max_open_uploads", 1)
    problem(await begin(tenant.client, path, 5), 429, "too_many_uploads")
    monkeypatch.setattr(settings(), "max_open_uploads", 2)
    monkeypatch.setattr(Store, "free_bytes", lambda self: 64 * 1024 * 1024 + 4)
    problem(await begin(tenant.client, path, 5), 507, "storage_full")
    assert stored() == []


async def test_an_announced_digest_binds_the_upload(tenant: Tenant, release: dict[str, Any]) -> None:
    body = seeds.RELEASE | {"version": "2", "sha256": SHA}
    bound = await created(tenant.client, f"/targets/{release['target_id']}/releases", body)
    answer = await begin(tenant.client, f"/releases/{bound['id']}", 5, sha256="0" * 64)
    problem(answer, 422, "digest_mismatch")
    assert (await patch(tenant.client, await begun(tenant, bound), 0, b"x" * len(DATA))).status_code == 422


async def test_of_two_uploads_one_is_accepted(tenant: Tenant, release: dict[str, Any]) -> None:
    first, second = await begun(tenant, release), await begun(tenant, release)
    await patch(tenant.client, first, 0, DATA[:100])
    assert (await patch(tenant.client, second, 0, DATA)).status_code == 204
    problem(await patch(tenant.client, first, 100, DATA[100:]), 409, "not_awaiting_upload")
    assert len(stored()) == 1
