"""Uploads that arrive at the same time share the disk and the quota, and take little memory."""

import asyncio
import os
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from sqlalchemy import delete, func, select, update

from app.db.models import Release, Reservation
from app.db.session import sync_session
from app.settings import settings
from app.storage import room, sink
from app.storage.incoming import IncomingFile
from app.storage.store import Store
from app.uploads import expiry, holding, quota, reserving, slots
from tests.api import seeds
from tests.api.conftest import Tenant, created, problem
from tests.api.tus import begin, begun, stored

MIB = 1024 * 1024


async def make_releases(tenant: Tenant, release: dict[str, Any], count: int) -> list[str]:
    path = f"/targets/{release['target_id']}/releases"
    bodies = [seeds.RELEASE | {"version": f"more {number}"} for number in range(count)]
    return [(await created(tenant.client, path, body))["id"] for body in bodies]


def reservations() -> int:
    with sync_session() as session:
        return session.execute(select(func.count()).select_from(Reservation)).scalar_one()


async def all_at_once(tenant: Tenant, releases: list[str], size: int, *, told: bool) -> list[httpx.Response]:
    """Send a file to each release. No body ends before all have begun."""
    begun, together = 0, asyncio.Event()

    async def body() -> AsyncIterator[bytes]:
        nonlocal begun
        begun += 1
        if begun == len(releases):
            together.set()
        yield b"x" * (size - 1)
        try:
            await asyncio.wait_for(together.wait(), 0.5)  # not all are accepted
        except TimeoutError:
            together.set()
        yield b"x"

    headers = {"Content-Length": str(size)} if told else {}
    puts = [tenant.client.put(f"/api/v1/releases/{one}/file", content=body(), headers=headers) for one in releases]
    return list(await asyncio.gather(*puts))


@pytest.mark.parametrize("told", [True, False], ids=["size announced", "size unknown"])
async def test_six_uploads_at_once_do_not_pass_the_quota(
    tenant: Tenant, release: dict[str, Any], told: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings(), "max_project_bytes", 500_000)
    monkeypatch.setattr(reserving, "STEP", 1000)
    releases = await make_releases(tenant, release, 6)
    answers = await all_at_once(tenant, releases, 200_000, told=told)
    assert sorted(answer.status_code for answer in answers) == [202, 202, 413, 413, 413, 413]
    with sync_session() as session:
        project_id = session.scalars(select(Release.project_id)).first()
        assert project_id is not None
        assert quota.held_bytes(session, project_id) == 400_000
    assert reservations() == 0


async def test_what_other_uploads_still_need_is_not_free(
    tenant: Tenant, release: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Check that three uploads of 250 MiB do not begin with 397 MB free."""
    monkeypatch.setattr(Store, "free_bytes", lambda self: 397_000_000)
    first, second, third, fourth = await make_releases(tenant, release, 4)
    await begun(tenant, {"id": first}, length=250 * MIB)
    problem(await begin(tenant.client, f"/releases/{second}", 250 * MIB), 507, "storage_full")
    await begun(tenant, {"id": second}, length=50 * MIB)
    put = await tenant.client.put(f"/api/v1/releases/{third}/file", content=b"x" * 5 * MIB)
    assert put.status_code == 202
    monkeypatch.setattr(Store, "free_bytes", lambda self: 300 * MIB + 64 * MIB + 5)
    problem(await tenant.client.put(f"/api/v1/releases/{fourth}/file", content=b"123456"), 507, "storage_full")
    assert (await tenant.client.put(f"/api/v1/releases/{fourth}/file", content=b"12345")).status_code == 202


def test_a_file_never_uses_up_the_spare_room(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Check that others who fill the disk meanwhile are noticed while a file is written."""
    free = iter([room.SPARE_BYTES + 9 * MIB, room.SPARE_BYTES - 1])
    monkeypatch.setattr(room, "free_bytes", lambda folder: next(free))
    file = IncomingFile(tmp_path / "quarantine" / "file", 0)
    piece = memoryview(bytes(MIB))
    for _ in range(15):
        file.write(piece)
    with pytest.raises(Exception, match="full"):
        file.write(piece)
    assert file.kept()[0] == 15 * MIB
    file.abort()


async def test_one_release_has_three_unfinished_uploads_at_most(tenant: Tenant, release: dict[str, Any]) -> None:
    path = f"/releases/{release['id']}"
    for _ in range(quota.MOST_OF_OWNER):
        await begun(tenant, release, length=10)
    body = problem(await begin(tenant.client, path, 10), 429, "too_many_uploads")
    assert "This release has 3" in body["detail"]
    (other,) = await make_releases(tenant, release, 1)
    await begun(tenant, {"id": other}, length=10)


async def test_a_process_receives_a_limited_number_of_files_at_once(
    tenant: Tenant, release: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slots, "MOST", 2)
    releases = await make_releases(tenant, release, 4)
    answers = await all_at_once(tenant, releases, 1000, told=True)
    assert sorted(answer.status_code for answer in answers) == [202, 202, 503, 503]
    refused = next(answer for answer in answers if answer.status_code == 503)
    assert problem(refused, 503, "too_many_transfers")
    assert refused.headers["retry-after"] == "5"
    (last,) = await all_at_once(
        tenant, [answer.request.url.path.split("/")[4] for answer in answers if answer is refused], 1000, told=True
    )
    assert last.status_code == 202


def test_the_buffers_of_all_files_at_once_stay_small() -> None:
    assert 2 * sink.BUFFER_BYTES * slots.MOST <= 64 * MIB


async def test_a_reservation_of_a_lost_process_soon_counts_for_nobody(
    tenant: Tenant, release: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Check that neither the quota nor the disk waits for the scheduler."""
    monkeypatch.setattr(settings(), "max_project_bytes", 5)
    monkeypatch.setattr(Store, "free_bytes", lambda self: room.SPARE_BYTES + 5)
    with sync_session() as session:
        project_id = session.scalars(select(Release.project_id)).first()
        assert project_id is not None
        session.add(Reservation(project_id=project_id, size_bytes=5, expires_at=func.now()))
    put = await tenant.client.put(f"/api/v1/releases/{release['id']}/file", content=b"12345")
    assert put.status_code == 202
    assert reservations() == 1
    with sync_session() as session:
        expiry.expire(session)
    assert reservations() == 0


async def test_a_reservation_is_a_short_lease_that_arriving_bytes_renew(
    tenant: Tenant, release: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reserving, "RENEW_SECONDS", -1)
    ends: list[float] = []

    async def body() -> AsyncIterator[bytes]:
        ends.append(lease_seconds())
        with sync_session() as session:
            session.execute(update(Reservation).values(expires_at=func.now()))
        yield b"x" * 10
        while ends[-1] == ends[0] or ends[-1] <= 0:
            await asyncio.sleep(0.01)
            ends.append(lease_seconds())
        yield b"x"

    headers = {"Content-Length": "11"}
    put = await tenant.client.put(f"/api/v1/releases/{release['id']}/file", content=body(), headers=headers)
    assert put.status_code == 202
    assert 0 < ends[0] <= reserving.LEASE_SECONDS
    assert ends[-1] > 0
    assert reservations() == 0


def lease_seconds() -> float:
    with sync_session() as session:
        left = func.extract("epoch", Reservation.expires_at - func.now())
        return float(session.execute(select(left)).scalar_one())


async def test_room_that_was_lost_on_the_way_is_reserved_again_or_the_upload_ends(
    tenant: Tenant, release: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings(), "max_project_bytes", 15)
    monkeypatch.setattr(reserving, "RENEW_SECONDS", -1)
    (other,) = await make_releases(tenant, release, 1)

    async def body() -> AsyncIterator[bytes]:
        with sync_session() as session:
            session.execute(delete(Reservation))
        await begun(tenant, {"id": other}, length=10)
        yield b"x" * 10

    path = f"/api/v1/releases/{release['id']}/file"
    answer = await tenant.client.put(path, content=body(), headers={"Content-Length": "10"})
    assert (answer.status_code, answer.json()["code"]) == (413, "quota_exceeded")
    assert reservations() == 0


async def test_a_body_that_stalls_gives_its_room_back(
    tenant: Tenant, release: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(holding, "IDLE_SECONDS", 0.2)

    async def body() -> AsyncIterator[bytes]:
        yield b"x"
        await asyncio.Event().wait()

    path = f"/api/v1/releases/{release['id']}/file"
    answer = await tenant.client.put(path, content=body(), headers={"Content-Length": "10"})
    problem(answer, 408, "upload_stalled")
    assert reservations() == 0
    assert stored() == []
    assert slots._taken == 0


def test_the_worker_leaves_the_spare_room_of_the_store(
    settings_env: dict[str, str], tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.storage.store import store

    (tmp_path / "file").write_bytes(os.urandom(100))
    monkeypatch.setattr(Store, "free_bytes", lambda self: room.SPARE_BYTES + 99)
    with pytest.raises(Exception, match="full"):
        store().upload(tmp_path / "file", "artifacts/x")
