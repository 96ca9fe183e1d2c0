"""The embedded servers are configured for production and closed to all other users."""

import os
import stat
import threading
from pathlib import Path

import psycopg
import pytest
import redis
from celery import Celery

from app.embedded import EmbeddedServerError
from app.embedded import servers as start_servers
from app.embedded.account import own_account
from app.embedded.broker import celery_url
from app.embedded.lock import AlreadyRunningError, is_held
from app.embedded.process import CaredProcess
from tests.embedded_servers import TestServers


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_database_is_postgresql_18_and_our_role_is_not_a_superuser(servers: TestServers) -> None:
    with psycopg.connect(servers.running.database_url) as connection:
        row = connection.execute(
            "SELECT current_user, rolsuper, rolbypassrls, current_setting('server_version_num')::int / 10000, "
            "current_setting('data_checksums') FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
    assert row == ("exhume", False, False, 18, "on")


def test_the_broker_keeps_what_it_is_given(servers: TestServers) -> None:
    with redis.Redis.from_url(servers.running.redis_url, decode_responses=True) as client:
        found = client.config_get("appendonly", "appendfsync", "maxmemory-policy")
    assert found == {"appendonly": "yes", "appendfsync": "everysec", "maxmemory-policy": "noeviction"}


def test_nothing_listens_on_the_network(servers: TestServers) -> None:
    with psycopg.connect(servers.running.database_url) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
    with redis.Redis.from_url(servers.running.redis_url, decode_responses=True) as client:
        assert client.config_get("port") == {"port": "0"}


def test_the_broker_refuses_clients_without_the_password(servers: TestServers) -> None:
    path = servers.running.redis_url.partition("@")[2].partition("?")[0]
    with redis.Redis(unix_socket_path=path) as client, pytest.raises(redis.AuthenticationError):
        client.ping()


def test_celery_reaches_the_broker_by_the_translated_address(servers: TestServers) -> None:
    servers.flush_broker()
    celery = Celery(broker=celery_url(servers.running.redis_url))
    celery.send_task("any.name", args=[1])
    celery.close()
    with redis.Redis.from_url(servers.running.redis_url) as client:
        assert client.llen("celery") == 1


def test_network_addresses_of_brokers_pass_unchanged() -> None:
    assert celery_url("rediss://:secret@queue.example:6380/2") == "rediss://:secret@queue.example:6380/2"


def test_sockets_and_data_are_private_to_the_servers_account(servers: TestServers) -> None:
    account = servers.running.account
    for folder in ("sockets", "servers/postgres", "servers/valkey"):
        state = (servers.data_dir / folder).stat()
        assert (stat.S_IMODE(state.st_mode), state.st_uid) == (0o700, account.uid), folder
    for file in ("servers/valkey/valkey.conf", "servers/postgres/pg_hba.conf"):
        assert mode(servers.data_dir / file) == 0o600
    assert mode(servers.data_dir / "run") == 0o700


def test_the_servers_never_run_as_root(servers: TestServers) -> None:
    assert servers.running.postgres is not None
    assert servers.running.valkey is not None
    for server in (servers.running.postgres, servers.running.valkey):
        assert Path(f"/proc/{server.process.pid}").stat().st_uid == servers.running.account.uid != 0


def test_a_second_supervisor_is_rejected_and_told_who_holds_the_folder(servers: TestServers) -> None:
    assert is_held(servers.data_dir)
    with (
        pytest.raises(AlreadyRunningError, match=f"process {os.getpid()} already runs"),
        start_servers(servers.data_dir),
    ):
        pytest.fail("two supervisors on one folder")


def test_a_thread_that_may_end_before_its_server_cannot_start_one(tmp_path: Path) -> None:
    raised: list[EmbeddedServerError] = []

    def start() -> None:
        try:
            CaredProcess("sleep", account=own_account(), logs=tmp_path).start(["sleep", "60"])
        except EmbeddedServerError as error:
            raised.append(error)

    thread = threading.Thread(target=start)
    thread.start()
    thread.join()
    assert "main thread" in str(raised[0])
