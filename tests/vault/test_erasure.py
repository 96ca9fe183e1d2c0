"""A destroyed key is in no file of PostgreSQL: neither table, statistics nor write-ahead log."""

from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import select, text

from app.db.models import DestroyedKey, ObjectKey
from app.db.session import configured_url, sync_engine, sync_session
from app.embedded.roles import allow_erasure
from app.vault import erasure
from app.vault.keys import destroy_keys, make_key
from tests.embedded_servers import TestServers
from tests.worker.rows import make_project

pytestmark = pytest.mark.usefixtures("settings_env")


@pytest.fixture
def admin_url(servers: TestServers, database_url: str) -> str:
    """The superuser's address of the test's database, where the service may erase."""
    url = servers.running.admin_url(urlsplit(database_url).path.removeprefix("/"))
    allow_erasure(url)
    return url


def files_with(folder: Path, wrapped: bytes) -> list[str]:
    """Return the files of the server that hold the key. Bytes are all the same to a file."""
    files = (file for file in folder.rglob("*") if file.is_file())
    return [str(file.relative_to(folder)) for file in files if wrapped in file.read_bytes()]


def a_key(name: str, project: UUID) -> bytes:
    with sync_session() as session:
        make_key(session, project, name)
        return bytes(session.scalars(select(ObjectKey.wrapped).where(ObjectKey.object == name)).one())


def test_a_destroyed_key_is_in_no_file(servers: TestServers, admin_url: str) -> None:
    folder = servers.data_dir / "servers" / "postgres"
    with sync_session() as session:
        project = make_project(session).id
    gone, kept = a_key("gone", project), a_key("kept", project)
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute("ANALYZE")
        admin.execute("CHECKPOINT")
    places = {file.split("/")[0] for file in files_with(folder, gone)}
    assert places >= {"base", "pg_wal"}, "the search finds a key that was not destroyed"
    with sync_session() as session:
        destroy_keys(session, ["gone"])
    assert erasure.erase() == 1
    assert files_with(folder, gone) == []
    assert files_with(folder, kept) != []
    with sync_session() as session:
        assert session.scalars(select(DestroyedKey.erased_at)).one() is not None
    assert erasure.erase() == 0


def test_a_key_that_an_older_transaction_may_see_waits(admin_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erasure, "PATIENCE_SECONDS", 0)
    with sync_session() as session:
        project = make_project(session).id
    a_key("gone", project)
    with sync_engine(configured_url()).connect() as older:
        older.execute(text("SELECT 1 FROM object_key"))
        with sync_session() as session:
            destroy_keys(session, ["gone"])
        assert erasure.erase() == 0
    assert erasure.erase() == 1


def test_no_statistics_are_kept_of_keys(admin_url: str) -> None:
    with psycopg.connect(admin_url) as admin:
        statement = "SELECT attstattarget FROM pg_attribute WHERE attname = 'wrapped' AND attrelid = %s::regclass"
        for table in erasure.TABLES:
            assert admin.execute(statement, [table]).fetchone() == (0,)
