"""Broken, stalled and resumed connections, restarted processes, and abandoned uploads."""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import func, select, update
from starlette.types import Message

from app.db.models import Release, Upload
from app.db.session import sync_session
from app.scheduler import loop, retention
from app.uploads import digests, expiry, holding
from tests.api.conftest import Tenant, problem
from tests.api.tus import DATA, SHA, TUS, begun, offset_of, patch, release_row, row, stored


@pytest.fixture
async def upload(tenant: Tenant, release: dict[str, Any]) -> str:
    """Return the address of an upload that has begun."""
    return await begun(tenant, release, sha256=SHA, filename="model.safetensors")


def raw(tenant: Tenant, address: str, offset: int, *, length: int) -> dict[str, Any]:
    return {
        "type": "http",
        "method": "PATCH",
        "scheme": "http",
        "http_version": "1.1",
        "path": address,
        "query_string": b"",
        "headers": [
            (b"host", b"localhost"),
            (b"authorization", tenant.client.headers["authorization"].encode()),
            (b"tus-resumable", b"1.0.0"),
            (b"content-type", b"application/offset+octet-stream"),
            (b"upload-offset", str(offset).encode()),
            (b"content-length", str(length).encode()),
        ],
    }


async def test_a_restarted_process_hashes_what_is_stored(tenant: Tenant, upload: str) -> None:
    assert (await patch(tenant.client, upload, 0, DATA[:2_000_000])).status_code == 204
    digests._states.clear()
    assert (await patch(tenant.client, upload, 2_000_000, DATA[2_000_000:])).status_code == 204
    assert release_row().sha256 == SHA


async def test_what_was_checked_is_what_is_stored(tenant: Tenant, upload: str) -> None:
    """A hash state of another offset is never continued."""
    assert (await patch(tenant.client, upload, 0, DATA[:1_000_000])).status_code == 204
    digests.keep(row().id, 999_999, hashlib.sha256(b"other"))
    assert (await patch(tenant.client, upload, 1_000_000, DATA[1_000_000:])).status_code == 204
    assert release_row().sha256 == SHA


async def test_a_broken_connection_keeps_what_arrived(
    transport: httpx.ASGITransport, tenant: Tenant, upload: str
) -> None:
    messages = iter(
        [{"type": "http.request", "body": DATA[:1_500_000], "more_body": True}, {"type": "http.disconnect"}]
    )
    sent: list[Message] = []

    async def receive() -> Message:
        return next(messages)

    async def send(message: Message) -> None:
        sent.append(message)

    await transport.app(raw(tenant, upload, 0, length=len(DATA)), receive, send)
    assert sent[0]["status"] == 400
    assert await offset_of(tenant.client, upload) == 1_500_000
    assert (await patch(tenant.client, upload, 1_500_000, DATA[1_500_000:])).status_code == 204
    assert release_row().sha256 == SHA


async def test_a_client_that_comes_back_ends_its_old_connection(
    transport: httpx.ASGITransport, tenant: Tenant, upload: str
) -> None:
    sent: list[Message] = []
    arrived = asyncio.Event()
    first = [{"type": "http.request", "body": DATA[:1_000_000], "more_body": True}]

    async def receive() -> Message:
        if first:
            return first.pop()
        arrived.set()
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: Message) -> None:
        sent.append(message)

    old = asyncio.create_task(transport.app(raw(tenant, upload, 0, length=len(DATA)), receive, send))
    await arrived.wait()
    assert await offset_of(tenant.client, upload) == 1_000_000
    await old
    assert sent[0]["status"] == 409
    assert (await patch(tenant.client, upload, 1_000_000, DATA[1_000_000:])).status_code == 204
    assert release_row().sha256 == SHA


async def test_a_connection_that_stalls_is_ended(
    transport: httpx.ASGITransport, tenant: Tenant, upload: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(holding, "IDLE_SECONDS", 0.2)
    sent: list[Message] = []

    async def receive() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: Message) -> None:
        sent.append(message)

    await transport.app(raw(tenant, upload, 0, length=len(DATA)), receive, send)
    assert sent[0]["status"] == 408


async def test_another_process_s_lease_is_respected_until_it_ends(tenant: Tenant, upload: str) -> None:
    with sync_session() as session:
        session.execute(update(Upload).values(lease_id=uuid4(), lease_until=func.now() + holding.timedelta(seconds=60)))
    answer = await patch(tenant.client, upload, 0, DATA[:10])
    problem(answer, 423, "upload_locked")
    assert answer.headers["retry-after"] == "5"
    with sync_session() as session:
        session.execute(update(Upload).values(lease_until=func.now() - holding.timedelta(seconds=1)))
    assert (await patch(tenant.client, upload, 0, DATA[:10])).status_code == 204


async def test_the_file_of_an_upload_that_another_process_took_over_stays(tenant: Tenant, upload: str) -> None:
    """Both have the same file, and the other one may have handed it to the intake already."""

    async def chunks() -> AsyncIterator[bytes]:
        yield DATA
        with sync_session() as session:
            session.execute(update(Upload).values(lease_id=uuid4()))

    problem(await patch(tenant.client, upload, 0, chunks()), 410, "upload_ended")
    assert len(stored()) == 1


async def test_progress_is_noted_while_it_streams(tenant: Tenant, upload: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holding, "RENEW_SECONDS", -1)
    seen: list[int] = []

    async def chunks() -> AsyncIterator[bytes]:
        yield DATA[:2_500_000]
        await asyncio.sleep(1.1)
        yield DATA[2_500_000:2_600_000]
        seen.append(row().received)
        yield DATA[2_600_000:]

    assert (await patch(tenant.client, upload, 0, chunks())).status_code == 204
    assert 0 < seen[0] <= 2_500_000


async def test_a_file_shorter_than_noted_is_continued_where_it_ends(tenant: Tenant, upload: str) -> None:
    await patch(tenant.client, upload, 0, DATA[:2000])
    for file in stored():
        os.truncate(file, min(1500, file.stat().st_size))
    problem(await patch(tenant.client, upload, 2000, DATA[2000:]), 409, "offset_mismatch")
    assert await offset_of(tenant.client, upload) == 0
    assert (await patch(tenant.client, upload, 0, DATA)).status_code == 204
    assert release_row().sha256 == SHA


async def test_a_terminated_upload_leaves_nothing(tenant: Tenant, upload: str) -> None:
    await patch(tenant.client, upload, 0, DATA[:2_000_000])
    assert len(stored()) == 2, "the file, and what does not fill a chunk"
    assert (await tenant.client.delete(upload, headers=TUS)).status_code == 204
    assert stored() == []
    problem(await patch(tenant.client, upload, 2_000_000, b"x"), 410, "upload_ended")
    problem(await tenant.client.delete(upload, headers=TUS), 410, "upload_ended")
    assert (await tenant.client.head(upload, headers=TUS)).status_code == 410


async def test_an_upload_that_rests_expires(tenant: Tenant, upload: str) -> None:
    await patch(tenant.client, upload, 0, DATA[:2_000_000])
    loop.expire_uploads()
    assert len(stored()) == 2
    with sync_session() as session:
        session.execute(update(Upload).values(expires_at=func.now() - holding.timedelta(seconds=1)))
        session.execute(update(Release).values(created_at=func.now() - holding.timedelta(days=2)))
        retention.abandon_uploads(session)
    assert release_row().state == "awaiting_upload"  # an upload is still being received
    loop.expire_uploads()
    assert stored() == []
    problem(await patch(tenant.client, upload, 2_000_000, b"x"), 410, "upload_ended")
    assert row().state == "expired"
    with sync_session() as session:
        assert retention.abandon_uploads(session) == 1
        session.execute(update(Upload).values(expires_at=func.now() - holding.timedelta(days=8)))
        expiry.expire(session)
        assert session.scalars(select(Upload)).all() == []


async def test_what_belongs_to_nobody_is_swept_away(tenant: Tenant, upload: str) -> None:
    await patch(tenant.client, upload, 0, DATA[:1000])
    kept, rest = sorted(stored())
    orphan, fresh = kept.with_name("orphan"), kept.with_name("fresh")
    orphan.write_bytes(b"x")
    fresh.write_bytes(b"x")
    for old in (kept, rest, orphan):
        os.utime(old, (0, 0))
    with sync_session() as session:
        assert expiry.remove_orphans(session) == 1
    assert sorted(stored()) == sorted([kept, rest, fresh])


async def test_a_failure_at_the_end_loses_nothing(tenant: Tenant, upload: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("the database went away")

    await patch(tenant.client, upload, 0, DATA[:2_000_000])
    with monkeypatch.context() as broken:
        broken.setattr("app.jobs.intake.add_job", fail)
        problem(await patch(tenant.client, upload, 2_000_000, DATA[2_000_000:]), 500, "internal")
    assert await offset_of(tenant.client, upload) == 2_000_000
    assert (await patch(tenant.client, upload, 2_000_000, DATA[2_000_000:])).status_code == 204
    assert release_row().sha256 == SHA
