"""Migration 0008: existing data sets get digests and the notes of their intake."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
from alembic import command
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

from app.db.session import sqlalchemy_url
from app.storage import store
from tests.api.migrating import migrate
from tests.embedded_servers import TestServers
from tests.worker.tiny import digest_of, save_images
from worker.inversion.data import images_digest

IMAGES, LABELS = np.arange(4 * 8 * 8, dtype=np.uint8).reshape(4, 8, 8), np.array([0, 1, 1, 0])
SPLIT, NAMES = ["train", "train", "held-out", "train"], ["ada", "grace"]


@dataclass
class Old:
    """A database at revision 0007 with rows of that version."""

    connection: Connection
    folder: Path
    project: str = field(default_factory=lambda: str(uuid4()))

    def migrate(self, step: str, to: str) -> None:
        migrate(self.connection, {"up": command.upgrade, "down": command.downgrade}[step], to)

    def add_project(self) -> None:
        self.connection.execute(text("INSERT INTO project (id, name) VALUES (:id, 'p')"), {"id": self.project})

    def add_set(
        self, images: np.ndarray | None = IMAGES, *, key: str | None = "", notes: Any = None, **row: Any
    ) -> str:
        """Add a dataset. `images` are put into the store, and `row` overrides its columns."""
        identifier = str(uuid4())
        key = f"datasets/{identifier}/packed.npz" if key == "" else key
        if images is not None and key is not None:
            save_images(self.folder / "packed.npz", images, LABELS, SPLIT)
            store().upload(self.folder / "packed.npz", key)
        values = {
            "id": identifier,
            "name": identifier,
            "project": self.project,
            "key": key,
            "state": "ready",
            "role": "private",
            "digest": None,
            "pixels": images_digest(IMAGES),
        } | row
        statement = (
            "INSERT INTO dataset (id, project_id, name, role, state, object_key, images_digest, digest, identities) "
            """VALUES (:id, :project, :name, :role, :state, :key, :pixels, :digest, '["ada", "grace"]')"""
        )
        self.connection.execute(text(statement), values)
        if notes is not None:
            job = (
                "INSERT INTO job (id, project_id, subject_id, stage, state, max_attempts, result) "
                "VALUES (:id, :project, :subject, 'intake_dataset', 'succeeded', 3, CAST(:result AS jsonb))"
            )
            values = {"id": str(uuid4()), "project": self.project, "subject": identifier, "result": notes}
            self.connection.execute(text(job), values)
        return identifier

    def found(self, column: str) -> dict[str, Any]:
        rows = self.connection.execute(text(f"SELECT id, {column} FROM dataset")).all()
        self.connection.rollback()
        return {str(row[0]): row[1] for row in rows}


@pytest.fixture
def old(servers: TestServers, settings_env: dict[str, str], tmp_path: Path) -> Iterator[Old]:
    with servers.databases.empty() as url:
        engine = create_engine(sqlalchemy_url(url), poolclass=NullPool)
        with engine.connect() as connection:
            made = Old(connection, tmp_path)
            made.migrate("up", "0007")
            made.add_project()
            yield made
        engine.dispose()


def test_sets_get_the_digest_that_their_intake_would_have_written(old: Old) -> None:
    whole = digest_of(IMAGES, LABELS, SPLIT, NAMES)
    plain, noted = old.add_set(), old.add_set(notes='{"notes": ["3 images have transparency; it was dropped."]}')
    gone, no_key = old.add_set(images=None), old.add_set(images=None, key=None)
    refused = old.add_set(state="refused")
    other = old.add_set(images=IMAGES[::-1].copy())
    known = old.add_set(digest="sha256:" + "1" * 64)
    damaged = old.add_set()
    (old.folder / "damaged").write_bytes(b"PK\3\4 and no more")
    store().upload(old.folder / "damaged", f"datasets/{damaged}/packed.npz")
    old.connection.commit()

    old.migrate("up", "0008")
    digests = old.found("digest")
    assert digests[plain] == digests[noted] == whole
    assert {digests[one] for one in (gone, no_key, refused, other, damaged)} == {None}
    assert digests[known] == "sha256:" + "1" * 64, "a digest that is there is not replaced"
    notes = old.found("notes")
    assert notes.pop(noted) == ["3 images have transparency; it was dropped."]
    assert set(notes.values()) == {None}

    save_images(old.folder / "packed.npz", IMAGES, LABELS, SPLIT)
    store().upload(old.folder / "packed.npz", f"datasets/{gone}/packed.npz")
    old.migrate("down", "0007")
    assert old.found("digest") == digests, "nothing is forgotten"
    old.migrate("up", "0008")
    assert old.found("digest") == digests | {gone: whole}, "run again, it takes what has come back"
    old.migrate("down", "0006")
    old.migrate("up", "head")
    assert old.found("digest")[plain] == whole


def test_a_run_that_breaks_off_keeps_what_it_has_and_goes_on(old: Old, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = sorted([old.add_set(), old.add_set()])
    old.connection.commit()
    real = type(store()).as_file

    def broken(self: Any, key: str) -> Any:
        if second in key:
            raise OSError("the store is away")
        return real(self, key)

    monkeypatch.setattr(type(store()), "as_file", broken)
    with pytest.raises(OSError, match="away"):
        old.migrate("up", "0008")
    old.connection.rollback()
    whole = digest_of(IMAGES, LABELS, SPLIT, NAMES)
    assert old.found("digest") == {first: whole, second: None}
    monkeypatch.undo()
    old.migrate("up", "0008")
    assert old.found("digest") == {first: whole, second: whole}
