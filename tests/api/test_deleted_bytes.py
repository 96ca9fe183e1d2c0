"""Nothing of what was deleted is left in store, database, logs or temporary folders."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pytest
from PIL import Image
from psycopg import sql

from app.db.base import Base
from app.db.models import Dataset, Upload
from app.db.session import sync_session
from app.settings import settings
from app.storage.store import store
from app.vault import objects
from app.vault.keys import make_key
from tests.api import seeds
from tests.api.conftest import Tenant, created
from tests.results import RESULT

PEOPLE = ["Aurelia Vexworth", "Bartholomew Quillfeather"]


def everything(database_url: str, folders: list[Path], printed: str) -> Iterator[tuple[str, bytes]]:
    """Yield every place where something may be left: files, rows of all tables, and logs."""
    for folder in folders:
        for file in folder.rglob("*"):
            if file.is_file():
                yield str(file), file.read_bytes()
    with psycopg.connect(database_url) as connection:
        for table in Base.metadata.tables:
            copied = sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(table))
            with connection.cursor().copy(copied) as rows:
                yield f"table {table}", b"".join(bytes(row) for row in rows)
    yield "log", printed.encode()


def found(needles: dict[str, bytes], places: Iterator[tuple[str, bytes]]) -> set[tuple[str, str]]:
    """Return which needle is in which place, as bytes or as PostgreSQL writes bytes."""
    return {
        (what, place)
        for place, held in places
        for what, needle in needles.items()
        if needle in held or needle.hex().encode() in held
    }


@pytest.fixture
async def private(tenant: Tenant, tmp_path: Path) -> dict[str, Any]:
    """A private set with an audit, its pictures, and an upload that broke off."""
    target = await created(tenant.client, f"/projects/{tenant.project_id}/targets", {"name": "t"})
    release = await created(tenant.client, f"/targets/{target['id']}/releases", seeds.RELEASE)
    path = f"/projects/{tenant.project_id}/datasets"
    public = await created(tenant.client, path, {"name": "public", "role": "public"})
    private = await created(tenant.client, path, {"name": "private", "role": "private"})
    seeds.make_ready(release["id"], public["id"])
    seeds.make_ready(None, private["id"], identities=["ada", "bob"])
    body = {"release_id": release["id"], "public_dataset_id": public["id"], "private_dataset_id": private["id"]}
    audit = await created(tenant.client, f"/projects/{tenant.project_id}/audits", body | {"rights": seeds.RIGHTS})
    seeds.finish(audit["id"], seeds.add_reconstructions(audit["id"], [0, 1]), RESULT)
    return private | {"audit": audit["id"]}


def fill(private: dict[str, Any], tmp_path: Path) -> dict[str, bytes]:
    """Store images as the intake does, and return what must be gone: pixels, keys and names."""
    images = np.random.default_rng(3).integers(0, 256, (8, 32, 32), dtype=np.uint8)
    np.savez(tmp_path / "packed.npz", images=images, labels=np.zeros(8, np.int64))
    own, project = seeds.uuid_of(private["id"]), seeds.uuid_of(private["project_id"])
    name = f"datasets/{own}/packed.npz"
    with sync_session() as session:
        key = make_key(session, project, name)
        row = session.get_one(Dataset, own)
        row.object_key, row.identities = name, PEOPLE
        upload = Upload(project_id=project, dataset_id=own, length=1000, requested_by="x", expires_at=row.created_at)
        upload.object_key = "quarantine/part"
        session.add(upload)
    objects.write(tmp_path / "packed.npz", name, key)
    sealed = (Path(store().folder or "") / name).read_bytes()
    (tmp_path / "part").write_bytes(images[7].tobytes())
    store().upload(tmp_path / "part", "quarantine/part")
    for left in ("packed.npz", "part"):
        (tmp_path / left).unlink()
    return {"sealed images": sealed[100:400], "unfinished upload": images[7].tobytes()[:200]} | {
        person: person.encode() for person in PEOPLE
    }


async def test_nothing_of_deleted_data_is_left(
    private: dict[str, Any],
    tenant: Tenant,
    settings_env: dict[str, str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    needles = fill(private, tmp_path)
    with sync_session() as session:
        rows = session.connection().exec_driver_sql("SELECT sealed_image FROM reconstruction").scalars().all()
        keys = session.connection().exec_driver_sql("SELECT object, wrapped FROM object_key").all()
    needles |= {f"picture {number}": bytes(row) for number, row in enumerate(rows)}
    needles |= {f"key of {row[0]}": bytes(row[1]) for row in keys}
    folders = [settings().data_dir, tmp_path]
    before = found(needles, everything(settings_env["DATABASE_URL"], folders, ""))
    assert {what for what, _ in before} == set(needles), "the search finds what is there"

    purpose = {"original": True, "purpose": "look at it"}
    items = (await tenant.client.get(f"/api/v1/audits/{private['audit']}/reconstructions")).json()["items"]
    shown = await tenant.client.get(f"/api/v1/reconstructions/{items[0]['id']}/image", params=purpose)
    needles["plain picture"] = np.asarray(Image.open(io.BytesIO(shown.content))).tobytes()[:200]
    answer = await tenant.client.delete(f"/api/v1/datasets/{private['id']}", params={"reason": "consent withdrawn"})
    assert answer.status_code == 200, answer.text
    printed = "".join(capsys.readouterr())
    assert printed, "there is a log to search"
    assert found(needles, everything(settings_env["DATABASE_URL"], folders, printed)) == set()
