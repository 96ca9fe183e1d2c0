"""Real PostgreSQL and Valkey for tests, through our own supervisor: a pair per test process, a database per test."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import redis

from app.db.migrate import upgrade
from app.embedded import Servers, servers

TEMPLATE = "exhume_template"
# Tests lose nothing in a power cut.
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "80"}


@dataclass(kw_only=True)
class TestServers:
    """Running servers with a migrated template database."""

    __test__ = False

    running: Servers
    data_dir: Path
    _migrated: bool = field(default=False)

    @contextmanager
    def database(self) -> Iterator[str]:
        """A fresh database at the newest migration; its `DATABASE_URL`. Dropped afterwards, whoever is connected."""
        self._ensure_template()
        name = f"test_{uuid4().hex}"
        self._admin(f"CREATE DATABASE {name} OWNER exhume TEMPLATE {TEMPLATE}")
        try:
            yield self.url(name)
        finally:
            self._admin(f"DROP DATABASE {name} WITH (FORCE)")

    @contextmanager
    def empty_database(self) -> Iterator[str]:
        """A database without any table, for tests of migrations."""
        name = f"empty_{uuid4().hex}"
        self._admin(f"CREATE DATABASE {name} OWNER exhume")
        try:
            yield self.url(name)
        finally:
            self._admin(f"DROP DATABASE {name} WITH (FORCE)")

    def url(self, database: str) -> str:
        """The address of a database as the service's own role."""
        return urlsplit(self.running.database_url)._replace(path=f"/{database}").geturl()

    def flush_broker(self) -> str:
        """Empty Valkey; its `REDIS_URL`."""
        with redis.Redis.from_url(self.running.redis_url) as client:
            client.flushall()
        return self.running.redis_url

    def _ensure_template(self) -> None:
        if self._migrated:
            return
        self._admin(f"CREATE DATABASE {TEMPLATE} OWNER exhume")
        upgrade(self.url(TEMPLATE))
        self._admin(f"ALTER DATABASE {TEMPLATE} WITH IS_TEMPLATE true ALLOW_CONNECTIONS false")
        self._migrated = True

    def _admin(self, statement: str) -> None:
        with psycopg.connect(self.running.admin_url(), autocommit=True) as connection:
            connection.execute(statement.encode())


@contextmanager
def test_servers() -> Iterator[TestServers]:
    """Servers in a temporary data folder that every account can reach; stopped and removed at the end."""
    data_dir = Path(tempfile.mkdtemp(prefix="exhume-test-"))
    try:
        with servers(data_dir, postgres_options=FAST) as running:
            yield TestServers(running=running, data_dir=data_dir)
    finally:
        shutil.rmtree(data_dir, ignore_errors=True)


test_servers.__test__ = False  # type: ignore[attr-defined]
