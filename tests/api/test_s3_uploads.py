"""Resumable uploads into an S3 store: real multipart uploads to a local moto server."""

import itertools
import logging
import os
from collections.abc import Iterator
from typing import Any

import botocore.exceptions
import pytest
from moto.server import ThreadedMotoServer
from sqlalchemy import func, update

from app.db.models import Upload
from app.db.session import sync_session
from app.scheduler import loop
from app.settings import settings
from app.storage import multipart
from app.uploads import digests, expiry, holding
from tests.api.conftest import Tenant, problem
from tests.api.tus import TUS, begun, offset_of, patch, release_row, row
from tests.sealed import quarantined

BUCKET = "exhume-test"
PART = 5 * 1024 * 1024  # S3's smallest part
DATA = os.urandom(2 * PART + 700_000)
CUT = PART + 1_200_000
"""Enough for a part, a full chunk, and a rest."""


@pytest.fixture(scope="module")
def moto() -> Iterator[str]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def s3(moto: str, settings_env: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Any:
    environment = {
        "AWS_ENDPOINT_URL": moto,
        "AWS_ALLOW_HTTP": "true",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "eu-central-1",
        "NO_PROXY": "127.0.0.1",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(settings(), "store_url", f"s3://{BUCKET}-{os.urandom(4).hex()}/some/prefix")
    monkeypatch.setattr(multipart, "PART_BYTES", PART)
    client = multipart.client()
    where = {"CreateBucketConfiguration": {"LocationConstraint": "eu-central-1"}}
    client.create_bucket(Bucket=bucket(), **where)
    return client


def bucket() -> str:
    return str(settings().object_store_url).split("/")[2]


def keys(s3: Any) -> list[str]:
    return [found["Key"] for found in s3.list_objects_v2(Bucket=bucket()).get("Contents", [])]


def open_multipart(s3: Any) -> int:
    return len(s3.list_multipart_uploads(Bucket=bucket()).get("Uploads", []))


async def test_pieces_become_parts_and_one_object(s3: Any, tenant: Tenant, release: dict[str, Any]) -> None:
    address = await begun(tenant, release, length=len(DATA))
    cuts = [0, 3_000_000, PART + 1, PART + 2, len(DATA)]
    for start, end in itertools.pairwise(cuts):
        assert await offset_of(tenant.client, address) == start
        digests._states.clear()  # as in another process
        assert (await patch(tenant.client, address, start, DATA[start:end])).status_code == 204
    (key,) = keys(s3)
    assert key.startswith("some/prefix/quarantine/")
    assert quarantined(key.removeprefix("some/prefix/")) == DATA
    assert open_multipart(s3) == 0
    found = release_row()
    assert (found.state, found.size_bytes) == ("checking", len(DATA))
    assert found.object_key is not None


async def test_a_small_file_is_simply_put(s3: Any, tenant: Tenant, release: dict[str, Any]) -> None:
    address = await begun(tenant, release, length=10)
    await patch(tenant.client, address, 0, DATA[:4])
    assert (await patch(tenant.client, address, 4, DATA[4:10])).status_code == 204
    (key,) = keys(s3)
    assert quarantined(key.removeprefix("some/prefix/")) == DATA[:10]


async def test_a_damaged_piece_leaves_the_parts_before_it(s3: Any, tenant: Tenant, release: dict[str, Any]) -> None:
    address = await begun(tenant, release, length=len(DATA))
    await patch(tenant.client, address, 0, DATA[:CUT])
    damaged = await patch(tenant.client, address, CUT, bytes(len(DATA) - CUT), Upload_Checksum="sha1 " + "A" * 27 + "=")
    problem(damaged, 460, "checksum_mismatch")
    assert (await patch(tenant.client, address, CUT, DATA[CUT:])).status_code == 204
    (key,) = keys(s3)
    assert quarantined(key.removeprefix("some/prefix/")) == DATA


async def test_ended_and_expired_uploads_leave_nothing(s3: Any, tenant: Tenant, release: dict[str, Any]) -> None:
    first, second = await begun(tenant, release, length=len(DATA)), await begun(tenant, release, length=len(DATA))
    for address in (first, second):
        await patch(tenant.client, address, 0, DATA[:CUT])
    assert (open_multipart(s3), len(keys(s3))) == (2, 4)
    with sync_session() as session:
        assert expiry.remove_orphans(session) == 0
    assert (await tenant.client.delete(first, headers=TUS)).status_code == 204
    with sync_session() as session:
        session.execute(update(Upload).values(expires_at=func.now() - holding.timedelta(seconds=1)))
    loop.expire_uploads()
    assert (open_multipart(s3), keys(s3)) == (0, [])


async def test_a_store_that_is_away_loses_nothing(
    s3: Any, tenant: Tenant, release: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    address = await begun(tenant, release, length=len(DATA))
    await patch(tenant.client, address, 0, DATA[:CUT])
    before = keys(s3)
    with monkeypatch.context() as broken:
        broken.setattr(multipart.IncomingMultipart, "_send_part", failing)
        assert (await patch(tenant.client, address, CUT, DATA[CUT:])).status_code == 503
    safe = await offset_of(tenant.client, address)
    assert safe >= CUT
    assert set(before) <= set(keys(s3))
    assert (await patch(tenant.client, address, safe, DATA[safe:])).status_code == 204
    (key,) = keys(s3)
    assert quarantined(key.removeprefix("some/prefix/")) == DATA
    assert row().state == "complete"


def failing(self: multipart.IncomingMultipart) -> None:
    with multipart._answered():
        raise botocore.exceptions.EndpointConnectionError(endpoint_url="s3")


async def test_a_file_in_one_stream_comes_in_as_before(s3: Any, tenant: Tenant, release: dict[str, Any]) -> None:
    answer = await tenant.client.put(f"/api/v1/releases/{release['id']}/file", content=DATA[:100_000])
    assert answer.status_code == 202
    assert len(keys(s3)) == 1
