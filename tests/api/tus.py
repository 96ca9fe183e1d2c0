"""A hand-written tus client, and the contents of the store."""

import base64
import hashlib
import os
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import select

from app.db.models import Release, Upload
from app.db.session import sync_session
from app.storage.store import store
from tests.api.conftest import Tenant

DATA = os.urandom(3_000_000)
SHA = hashlib.sha256(DATA).hexdigest()
TUS = {"Tus-Resumable": "1.0.0"}


async def begin(client: httpx.AsyncClient, path: str, length: int, **metadata: str) -> httpx.Response:
    pairs = ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in metadata.items())
    headers = TUS | {"Upload-Length": str(length)} | ({"Upload-Metadata": pairs} if pairs else {})
    return await client.post(f"/api/v1{path}/uploads", headers=headers)


async def begun(tenant: Tenant, release: dict[str, Any], length: int = len(DATA), **metadata: str) -> str:
    answer = await begin(tenant.client, f"/releases/{release['id']}", length, **metadata)
    assert answer.status_code == 201, answer.text
    assert answer.headers["upload-offset"] == "0"
    return str(answer.headers["location"])


async def patch(client: httpx.AsyncClient, address: str, offset: int, content: Any, **headers: str) -> httpx.Response:
    more = {name.replace("_", "-"): value for name, value in headers.items()}
    every = TUS | {"Content-Type": "application/offset+octet-stream", "Upload-Offset": str(offset)} | more
    return await client.patch(address, content=content, headers=every)


async def offset_of(client: httpx.AsyncClient, address: str) -> int:
    answer = await client.head(address, headers=TUS)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    return int(answer.headers["upload-offset"])


def stored() -> list[Path]:
    folder = store().folder
    assert folder is not None
    return [path for path in folder.rglob("*") if path.is_file()]


def row() -> Upload:
    with sync_session() as session:
        return session.scalars(select(Upload)).one()


def release_row() -> Release:
    with sync_session() as session:
        return session.scalars(select(Release)).one()
