"""A backup is restored into another installation, which then answers as the first one did."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine, select, text
from sqlalchemy.pool import NullPool

from app.auth.bootstrap import default_organisation
from app.backups import making, restoring
from app.backups.errors import BackupError
from app.backups.manifest import DATABASE, place, read
from app.cli import backups
from app.contract.exit_codes import Exit
from app.db.models import Dataset, Project
from app.db.session import sqlalchemy_url, sync_session
from app.db.states import IntakeState
from app.settings import settings
from app.storage.store import Store, store
from app.vault.keys import find_key, make_key
from tests.embedded_servers import TestServers

IMAGES = bytes(range(256)) * 9000
KEY = "datasets/one/packed.npz"
OBJECT = "datasets/one"


@pytest.fixture
def filled(settings_env: dict[str, str], tmp_path: Path) -> bytes:
    """An installation with a data set, its object and a key. Returns the key."""
    source = tmp_path / "packed.npz"
    source.write_bytes(IMAGES)
    store().upload(source, KEY)
    store().upload(source, "quarantine/left-over")
    store().upload(source, "probe/now")
    with sync_session() as session:
        project = Project(organisation_id=default_organisation(session), name="faces")
        session.add(project)
        session.flush()
        row = Dataset(project_id=project.id, name="staff", role="private", state=IntakeState.READY, object_key=KEY)
        session.add(row)
        return make_key(session, project.id, OBJECT)


@pytest.fixture
def made(filled: bytes, settings_env: dict[str, str], tmp_path: Path) -> Path:
    """A backup of it."""
    folder = tmp_path / "backup"
    making.make(settings_env["DATABASE_URL"], store(), folder)
    return folder


@contextmanager
def elsewhere(servers: TestServers, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, Store]]:
    """An empty installation, which the settings name inside the block."""
    with servers.databases.empty() as url, monkeypatch.context() as patch:
        patch.setenv("DATABASE_URL", url)
        patch.setenv("EXHUME_DATA_DIR", str(folder))
        settings.cache_clear()
        yield url, store()
    settings.cache_clear()


def test_a_restored_installation_has_rows_objects_and_keys(
    filled: bytes, made: Path, servers: TestServers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sorted(path.name for path in (made / "store").rglob("*") if path.is_file()) == ["packed.npz"]
    assert {path.stat().st_mode & 0o077 for path in (made, made / DATABASE)} == {0}
    with elsewhere(servers, tmp_path / "other", monkeypatch) as (url, other):
        assert restoring.restore(url, other, made, read(made)) == []
        assert restored_key(url) == filled
        with other.as_file(KEY) as file:
            assert file.read_bytes() == IMAGES
        with pytest.raises(BackupError, match="not empty"):
            restoring.restore(url, other, made, read(made))


def restored_key(url: str) -> bytes | None:
    """Return the key of the object in a database, after a look at its data set."""
    from sqlalchemy.orm import Session

    engine = create_engine(sqlalchemy_url(url), poolclass=NullPool)
    with Session(engine) as session:
        assert session.scalars(select(Dataset.object_key)).all() == [KEY]
        with pytest.raises(Exception, match="append-only"):
            session.execute(text("TRUNCATE audit_log_entry"))
        session.rollback()
        return find_key(session, OBJECT)


def damaged_object(folder: Path) -> None:
    place(folder, KEY).write_bytes(IMAGES[:-1] + b"?")


def damaged_dump(folder: Path) -> None:
    with (folder / DATABASE).open("ab") as file:
        file.write(b"?")


def without_manifest(folder: Path) -> None:
    (folder / "manifest.json").unlink()


def changed(**fields: object) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        file = folder / "manifest.json"
        file.write_text(json.dumps(json.loads(file.read_text()) | fields))

    return change


def outside(folder: Path) -> None:
    part = json.loads((folder / "manifest.json").read_text())["objects"][0]
    changed(objects=[part | {"key": "../../etc/passwd"}])(folder)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (damaged_object, "SHA-256 differs"),
        (damaged_dump, "SHA-256 differs"),
        (without_manifest, "is not a backup"),
        (changed(secret="another"), "another root secret"),
        (changed(revision="9999"), "Install that version or a newer one"),
        (changed(format="exhume-backup/2"), "this version reads exhume-backup/1"),
        (outside, "outside its folder"),
    ],
)
def test_a_backup_that_cannot_be_used_leaves_an_empty_database(
    damage: Callable[[Path], None],
    said: str,
    made: Path,
    servers: TestServers,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    damage(made)
    with elsewhere(servers, tmp_path / "other", monkeypatch) as (url, other):
        with pytest.raises(BackupError, match=said):
            restoring.restore(url, other, made, read(made))
        assert not other.exists(KEY)
        engine = create_engine(sqlalchemy_url(url), poolclass=NullPool)
        with engine.connect() as connection:
            assert connection.execute(text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")).scalar() == 0


def test_what_was_missing_at_the_backup_is_missing_after_it(
    filled: bytes,
    settings_env: dict[str, str],
    servers: TestServers,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store().delete(KEY)
    folder = tmp_path / "backup"
    assert making.make(settings_env["DATABASE_URL"], store(), folder).missing == [KEY]
    with elsewhere(servers, tmp_path / "other", monkeypatch) as (url, other):
        (wrong,) = restoring.restore(url, other, folder, read(folder))
    assert KEY in wrong


def test_an_interrupted_backup_leaves_no_folder(
    filled: bytes, settings_env: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Store, "download", full)
    with pytest.raises(OSError, match="No space"):
        making.make(settings_env["DATABASE_URL"], store(), tmp_path / "backup")
    assert [path for path in tmp_path.iterdir() if "backup" in path.name] == []


def test_the_commands(
    filled: bytes,
    settings_env: dict[str, str],
    servers: TestServers,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = tmp_path / "backup"
    backups.backup(folder)
    backups.backup(folder, check=True)
    assert "Every file of the backup" in capsys.readouterr().out
    with pytest.raises(backups.typer.Exit) as refused:
        backups.backup(folder)
    assert refused.value.exit_code == Exit.USAGE
    with elsewhere(servers, tmp_path / "other", monkeypatch):
        backups.restore(folder)
    assert "Restored the database and 1 objects" in capsys.readouterr().out
    damaged_object(folder)
    with pytest.raises(backups.typer.Exit) as wrong:
        backups.backup(folder, check=True)
    assert wrong.value.exit_code == Exit.GATE_FAILED
    assert f"{KEY}: missing or damaged." in capsys.readouterr().err
