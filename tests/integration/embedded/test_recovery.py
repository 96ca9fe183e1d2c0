"""Crashes, leftovers and unusual folders: the next start works or says what to do."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
import redis

from app.embedded import EmbeddedServerError
from app.embedded import servers as start_servers
from app.embedded.account import server_account
from app.embedded.binaries import find_binaries, usable_binaries
from app.embedded.process import SERVER_ENVIRONMENT
from app.embedded.stale import serves

FAST = {"fsync": "off"}
SUPERVISOR = """
import signal, sys
from pathlib import Path
from app.embedded import servers
with servers(Path(sys.argv[1])) as running:
    print(running.postgres.process.pid, running.valkey.process.pid, flush=True)
    signal.pause()
"""


def write_row(url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (value int)")
        connection.execute("INSERT INTO kept VALUES (1)")


def rows(url: str) -> int:
    with psycopg.connect(url) as connection:
        found = connection.execute("SELECT count(*) FROM kept").fetchone()
    assert found is not None
    return int(found[0])


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def all_gone(pids: list[int]) -> bool:
    """Wait up to 30 s, because an ended orphan is visible until the init process reaps it."""
    until = time.monotonic() + 30
    while any(alive(pid) for pid in pids):
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def test_data_survive_restarts_and_crashes_of_both_servers(data_dir: Path) -> None:
    with start_servers(data_dir) as running:
        write_row(running.database_url)
        with redis.Redis.from_url(running.redis_url) as client:
            client.set("kept", "1")
        running.restart_postgres()
        running.restart_postgres(crash=True)
        running.restart_valkey(crash=True)
        assert rows(running.database_url) == 1
    with start_servers(data_dir) as running, redis.Redis.from_url(running.redis_url) as client:
        assert rows(running.database_url) == 1
        assert client.get("kept") == b"1"


def test_a_server_that_dies_is_revived(data_dir: Path) -> None:
    with start_servers(data_dir, postgres_options=FAST) as running:
        assert running.revive() == []
        assert running.valkey is not None
        running.valkey.process.kill()
        assert running.revive() == ["valkey"]
        with redis.Redis.from_url(running.redis_url) as client:
            assert client.ping()


def test_a_killed_supervisor_leaves_nothing_running_and_the_next_one_starts(data_dir: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SUPERVISOR, str(data_dir)], stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        pids = [int(text) for text in child.stdout.readline().split()]
        assert len(pids) == 2
        child.send_signal(signal.SIGKILL)
    # at once: it waits until the old servers have stopped
    with start_servers(data_dir) as running:
        write_row(running.database_url)
        assert all_gone(pids)


def test_a_valkey_that_is_still_leaving_is_waited_for(data_dir: Path) -> None:
    """A stopping server removes its socket by name, which would hit a successor's socket."""
    with subprocess.Popen(
        [sys.executable, "-c", SUPERVISOR, str(data_dir)], stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        valkey = int(child.stdout.readline().split()[1])
        os.kill(valkey, signal.SIGSTOP)
        child.send_signal(signal.SIGKILL)
    leaves = subprocess.Popen(["sh", "-c", f"sleep 1; kill -CONT {valkey}"])
    with start_servers(data_dir) as running:
        assert leaves.wait(60) == 0
        assert all_gone([valkey])
        with redis.Redis.from_url(running.redis_url) as client:
            assert client.ping()


def test_a_lock_file_that_names_a_stranger_is_removed(data_dir: Path) -> None:
    with start_servers(data_dir, valkey=False, postgres_options=FAST) as running:
        write_row(running.database_url)
    (data_dir / "servers/postgres/postmaster.pid").write_text(f"{os.getpid()}\n/elsewhere\n")
    with start_servers(data_dir, valkey=False, postgres_options=FAST) as running:
        assert rows(running.database_url) == 1


def test_a_postmaster_without_a_supervisor_is_replaced(data_dir: Path) -> None:
    with start_servers(data_dir, valkey=False) as running:
        write_row(running.database_url)
        account = running.account
    data = data_dir / "servers/postgres"
    postgres = usable_binaries(find_binaries(), account, data_dir).postgres_bin / "postgres"
    owner = {"user": account.uid, "group": account.gid, "extra_groups": []} if account.dropped else {}
    command = [str(postgres), "-D", str(data), "-k", str(data_dir / "sockets"), "--listen_addresses="]
    orphan = subprocess.Popen(command, env=SERVER_ENVIRONMENT, cwd="/", stderr=subprocess.DEVNULL, **owner)  # type: ignore[call-overload]
    try:
        while not (data / "postmaster.pid").exists():
            time.sleep(0.02)
        assert serves(orphan.pid, data)
        with start_servers(data_dir, valkey=False) as running:
            assert rows(running.database_url) == 1
            assert orphan.wait(60) == 0
    finally:
        orphan.kill()
        orphan.wait()


def test_another_major_version_is_rejected_with_what_to_do(data_dir: Path) -> None:
    with start_servers(data_dir, valkey=False, postgres_options=FAST):
        pass
    (data_dir / "servers/postgres/PG_VERSION").write_text("17\n")
    with (
        pytest.raises(EmbeddedServerError, match=r"written by PostgreSQL 17.*pg_dump.*EXHUME_DATA_DIR"),
        start_servers(data_dir, valkey=False),
    ):
        pytest.fail("started on foreign data")


def test_an_interrupted_initdb_does_not_count_as_a_database(data_dir: Path) -> None:
    partial = data_dir / "servers" / "postgres.0000.partial"
    partial.mkdir(parents=True)
    (partial / "PG_VERSION").write_text("18\n")
    with start_servers(data_dir, valkey=False, postgres_options=FAST) as running:
        write_row(running.database_url)
        assert rows(running.database_url) == 1
    assert not partial.exists()


def test_the_log_of_a_server_that_cannot_start_is_shown(data_dir: Path) -> None:
    with (
        pytest.raises(EmbeddedServerError, match=r"(?s)postgres ended during its start.*no_such_option"),
        start_servers(data_dir, valkey=False, postgres_options={"no_such_option": "1"}),
    ):
        pytest.fail("started with an unknown option")


def test_the_account_is_the_owner_of_the_data_folder_when_root_gave_it_away(data_dir: Path) -> None:
    if os.geteuid() != 0:
        assert server_account(data_dir).uid == os.geteuid()
        return
    os.chown(data_dir, 1, 1)
    account = server_account(data_dir)
    assert (account.uid, account.dropped) == (1, True)
