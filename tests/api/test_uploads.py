"""Checkpoints and data sets are received completely and as announced, or not at all."""

import asyncio
import base64
import hashlib
import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import obstore
import pytest
from sqlalchemy import select
from starlette.types import Message

from app.db.models import Job, Release
from app.db.session import sync_session
from app.db.states import IntakeState
from app.jobs import dispatch
from app.settings import settings
from app.storage.store import Store, store
from tests.api import seeds
from tests.api.conftest import Tenant, created, problem, with_key
from tests.sealed import quarantined

DATA = os.urandom(300_000)
SHA = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
async def dataset(tenant: Tenant) -> dict[str, Any]:
    return await created(tenant.client, f"/projects/{tenant.project_id}/datasets", {"name": "d", "role": "public"})


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False).returncode:
        pytest.skip("mounting a small file system needs root")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def stored() -> list[Path]:
    folder = store().folder
    assert folder is not None
    return [path for path in folder.rglob("*") if path.is_file()]


async def put(tenant: Tenant, release: dict[str, Any], content: Any, **options: Any) -> httpx.Response:
    return await tenant.client.put(f"/api/v1/releases/{release['id']}/file", content=content, **options)


async def nothing_changed(tenant: Tenant, release: dict[str, Any]) -> None:
    assert stored() == []
    assert (await tenant.client.get(f"/api/v1/releases/{release['id']}")).json() == release
    with sync_session() as session:
        assert session.scalars(select(Job)).all() == []


async def test_a_checkpoint_is_kept_hashed_and_handed_to_the_intake(tenant: Tenant, release: dict[str, Any]) -> None:
    answer = await put(tenant, release, DATA, params={"sha256": SHA.upper()})
    assert answer.status_code == 202
    assert (answer.json()["state"], answer.json()["sha256"], answer.json()["size_bytes"]) == ("checking", SHA, 300_000)
    (file,) = stored()
    assert quarantined(f"quarantine/{file.name}") == DATA
    assert file.parent.name == "quarantine"
    with sync_session() as session:
        row = session.scalars(select(Release)).one()
        assert row.object_key == f"quarantine/{file.name}"
        assert file.name not in answer.text
        job = session.scalars(select(Job)).one()
        assert (job.stage, job.subject_id, job.state) == ("intake_release", row.id, "queued")
        assert job.published_at is not None


async def test_a_dataset_likewise(tenant: Tenant, dataset: dict[str, Any]) -> None:
    answer = await tenant.client.put(f"/api/v1/datasets/{dataset['id']}/file", content=DATA)
    assert answer.json()["state"] == "checking"
    with sync_session() as session:
        assert session.scalars(select(Job.stage)).all() == ["intake_dataset"]
    again = await tenant.client.put(f"/api/v1/datasets/{dataset['id']}/file", content=DATA)
    problem(again, 409, "not_awaiting_upload")
    assert len(stored()) == 1


async def test_nobody_else_can_read_the_store(tenant: Tenant, release: dict[str, Any]) -> None:
    await put(tenant, release, DATA)
    folder = store().folder
    assert folder is not None
    assert folder.stat().st_mode & 0o777 == 0o700


async def test_zero_bytes_are_rejected(tenant: Tenant, release: dict[str, Any]) -> None:
    async def nothing() -> AsyncIterator[bytes]:
        yield b""

    for content in (b"", nothing()):
        problem(await put(tenant, release, content), 422, "empty_upload")
    await nothing_changed(tenant, release)


async def test_a_digest_mismatch_is_rejected(tenant: Tenant, release: dict[str, Any]) -> None:
    body = problem(await put(tenant, release, DATA, params={"sha256": "0" * 64}), 422, "digest_mismatch")
    assert body["errors"] == [{"expected": "0" * 64, "found": SHA}]
    await nothing_changed(tenant, release)
    wrong = base64.b64encode(bytes(32)).decode()
    answer = await put(tenant, release, DATA, headers={"Repr-Digest": f"sha-512=:AA==:, sha-256=:{wrong}:"})
    problem(answer, 422, "digest_mismatch")
    problem(await put(tenant, release, DATA, headers={"Repr-Digest": "sha-256=:AA==:"}), 400, "bad_digest")
    right = base64.b64encode(hashlib.sha256(DATA).digest()).decode()
    assert (await put(tenant, release, DATA, headers={"Repr-Digest": f"sha-256=:{right}:"})).status_code == 202


async def test_an_announced_digest_binds_the_upload(tenant: Tenant, release: dict[str, Any]) -> None:
    body = seeds.RELEASE | {"version": "2", "sha256": SHA}
    bound = await created(tenant.client, f"/targets/{release['target_id']}/releases", body)
    problem(await put(tenant, bound, b"other"), 422, "digest_mismatch")
    problem(await put(tenant, bound, DATA, params={"sha256": "0" * 64}), 422, "digest_mismatch")
    assert (await put(tenant, bound, DATA)).status_code == 202
    found = (await tenant.client.get(f"/api/v1/releases/{bound['id']}")).json()
    assert (bound["origin"], found["origin"]["by"], found["origin"]["address"]) == (None, "key:ours all", None)


@pytest.mark.parametrize("announced", [True, False])
async def test_a_file_over_the_limit_is_rejected(
    tenant: Tenant, release: dict[str, Any], announced: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings(), "max_checkpoint_bytes", 100_000)
    read = 0

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal read
        for start in range(0, len(DATA), 50_000):
            read += 50_000
            yield DATA[start : start + 50_000]

    headers = {"Content-Length": str(len(DATA))} if announced else {}
    body = problem(await put(tenant, release, chunks(), headers=headers), 413, "too_large")
    assert "100,000" in body["detail"]
    assert read <= (0 if announced else 150_000)
    await nothing_changed(tenant, release)


async def test_a_broken_connection_leaves_nothing(
    transport: httpx.ASGITransport, tenant: Tenant, release: dict[str, Any]
) -> None:
    messages = iter([{"type": "http.request", "body": DATA[:200_000], "more_body": True}, {"type": "http.disconnect"}])
    sent: list[Message] = []

    async def receive() -> Message:
        return next(messages)

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "PUT",
        "scheme": "http",
        "http_version": "1.1",
        "path": f"/api/v1/releases/{release['id']}/file",
        "query_string": b"",
        "headers": [
            (b"host", b"localhost"),
            (b"authorization", tenant.client.headers["authorization"].encode()),
            (b"content-length", str(len(DATA)).encode()),
        ],
    }
    await transport.app(scope, receive, send)
    assert sent[0]["status"] == 400
    await nothing_changed(tenant, release)


async def test_fewer_bytes_than_announced_are_rejected(tenant: Tenant, release: dict[str, Any]) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield DATA[:200_000]

    answer = await put(tenant, release, chunks(), headers={"Content-Length": str(len(DATA))})
    problem(answer, 422, "incomplete")
    await nothing_changed(tenant, release)


async def test_little_room_is_noticed_before_the_first_byte(
    tenant: Tenant, release: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Store, "free_bytes", lambda self: 64 * 1024 * 1024 + len(DATA) - 1)
    problem(await put(tenant, release, DATA), 507, "storage_full")
    await nothing_changed(tenant, release)


async def test_a_disk_that_fills_up_leaves_nothing(
    tenant: Tenant, release: dict[str, Any], small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings(), "store_url", f"file://{small_disk}/store")
    monkeypatch.setattr(Store, "free_bytes", lambda self: None)

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield os.urandom(1024 * 1024)

    body = problem(await put(tenant, release, chunks()), 507, "storage_full")
    assert "Nothing was stored" in body["detail"]
    await nothing_changed(tenant, release)
    assert (await put(tenant, release, DATA)).status_code == 202


async def test_a_rejected_release_takes_another_file(tenant: Tenant, release: dict[str, Any]) -> None:
    body = seeds.RELEASE | {"version": "2", "sha256": hashlib.sha256(b"bad").hexdigest()}
    bound = await created(tenant.client, f"/targets/{release['target_id']}/releases", body)
    assert (await put(tenant, bound, b"bad")).status_code == 202
    with sync_session() as session:
        row = session.get_one(Release, seeds.uuid_of(bound["id"]))
        row.state, row.problem = IntakeState.REFUSED, {"code": "x"}
    answer = await put(tenant, bound, DATA)
    assert (answer.status_code, answer.json()["state"], answer.json()["problem"]) == (202, "checking", None)
    assert answer.json()["sha256"] == SHA


async def test_a_ready_release_takes_no_other_file(tenant: Tenant, release: dict[str, Any]) -> None:
    seeds.make_ready(release["id"])
    problem(await put(tenant, release, DATA), 409, "not_awaiting_upload")
    assert stored() == []


async def test_a_file_whose_release_was_deleted_meanwhile_is_deleted_too(
    tenant: Tenant, release: dict[str, Any]
) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield DATA
        with sync_session() as session:
            session.delete(session.scalars(select(Release)).one())

    problem(await put(tenant, release, chunks()), 410, "upload_ended")
    assert stored() == []


async def test_of_two_uploads_at_once_one_is_kept(tenant: Tenant, release: dict[str, Any]) -> None:
    answers = await asyncio.gather(*(put(tenant, release, DATA) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [202, 409, 409, 409]
    assert len(stored()) == 1


async def test_an_upload_needs_the_scope(
    transport: httpx.ASGITransport, tenant: Tenant, release: dict[str, Any]
) -> None:
    async with with_key(transport, await tenant.key("datasets:write")) as client:
        answer = await client.put(f"/api/v1/releases/{release['id']}/file", content=DATA)
        problem(answer, 403, "missing_scope")
    await nothing_changed(tenant, release)


async def test_a_broker_that_is_away_loses_nothing(
    tenant: Tenant, release: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise ConnectionError("no broker")

    monkeypatch.setattr(dispatch.broker, "send", away)
    assert (await put(tenant, release, DATA)).status_code == 202
    with sync_session() as session:
        job = session.scalars(select(Job)).one()
        assert (job.state, job.published_at) == ("queued", None)


async def test_a_failure_after_the_file_arrived_deletes_it(
    tenant: Tenant, release: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("the database went away")

    monkeypatch.setattr("app.jobs.intake.add_job", fail)
    problem(await put(tenant, release, DATA), 500, "internal")
    await nothing_changed(tenant, release)


def test_the_worker_side_of_the_store(tmp_path: Path, settings_env: dict[str, str]) -> None:
    file = tmp_path / "file"
    file.write_bytes(DATA)
    assert store().upload(file, "artifacts/a/prior/k") == SHA
    assert store().exists("artifacts/a/prior/k")
    store().rename("artifacts/a/prior/k", "artifacts/a/prior/l")
    assert not store().exists("artifacts/a/prior/k")
    store().download("artifacts/a/prior/l", tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == DATA
    store().delete("artifacts/a/prior/l")
    store().delete("artifacts/a/prior/l")
    assert not store().exists("artifacts/a/prior/l")
    assert obstore.list(store()._objects, "artifacts").collect() == []
