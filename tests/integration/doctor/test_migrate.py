"""`exhume migrate` and processes that need servers report their work or what is missing."""

from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner

from app.cli.root import app
from app.db.migrate import schema
from app.db.revisions import newest
from app.db.session import configured_url, sync_engine
from app.embedded import servers as start_servers
from app.embedded.backup import KEPT, dump
from app.settings import settings
from tests.embedded_servers import TestServers


def test_an_empty_database_is_brought_to_the_newest_schema(
    servers: TestServers, monkeypatch: pytest.MonkeyPatch
) -> None:
    with servers.databases.empty() as url:
        monkeypatch.setenv("DATABASE_URL", url)
        settings.cache_clear()
        before = CliRunner().invoke(app, ["migrate", "--check"])
        assert before.exit_code == 1
        assert "Run `exhume migrate`" in before.output
        assert schema(url).revision is None
        assert CliRunner().invoke(app, ["migrate"]).exit_code == 0
        assert schema(url).revision == newest()
        assert CliRunner().invoke(app, ["migrate", "--check"]).exit_code == 0
    settings.cache_clear()


def test_a_sign_in_link_needs_a_migrated_database(servers: TestServers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXHUME_DATA_DIR", "/nonexistent")
    monkeypatch.setenv("EXHUME_SECRET_KEY", "5e" * 32)
    with servers.databases.empty() as url:
        monkeypatch.setenv("DATABASE_URL", url)
        settings.cache_clear()
        done = CliRunner().invoke(app, ["sign-in"])
        assert done.exit_code == 4
        assert "run `exhume migrate`" in done.output
        sync_engine(configured_url()).dispose()
    settings.cache_clear()


@pytest.mark.parametrize("command", ["api", "worker", "scheduler", "migrate"])
def test_single_processes_need_the_servers_to_be_named(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("REDIS_URL", raising=False)
    settings.cache_clear()
    done = CliRunner().invoke(app, [command])
    assert done.exit_code == 4
    assert "DATABASE_URL" in done.output
    assert "exhume up" in done.output


def test_a_dump_can_be_restored_and_old_ones_are_dropped(data_dir: Path) -> None:
    with start_servers(data_dir, valkey=False) as running:
        with psycopg.connect(running.database_url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 1 AS value")
        assert running.postgres is not None
        folder = data_dir / "backups"
        folder.mkdir()
        for day in range(KEPT):
            (folder / f"2020010{day}T000000Z-old.dump").write_text("")
        path = dump(running.postgres, folder, "before-x")
        assert path.stat().st_mode & 0o077 == 0
        assert path.read_bytes()[:5] == b"PGDMP"
        assert len(list(folder.iterdir())) == KEPT
        assert not (folder / "20200100T000000Z-old.dump").exists()
