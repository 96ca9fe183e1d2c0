"""Real PostgreSQL and Valkey for tests, run by our supervisor.

Each test process has a pair of servers and each test a database.
"""

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
# Tests do not need to survive a power cut.
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
        """Create a database at the newest migration and yield its `DATABASE_URL`.

        It is dropped afterwards, even while connections are open.
        """
        self._ensure_template()
        name = f"test_{uuid4().hex}"
        self._admin(f"CREATE DATABASE {name} OWNER exhume TEMPLATE {TEMPLATE}")
        try:
            yield self.url(name)
        finally:
            self._admin(f"DROP DATABASE {name} WITH (FORCE)")

    @contextmanager
    def empty_database(self) -> Iterator[str]:
        """Create a database without tables, for tests of migrations."""
        name = f"empty_{uuid4().hex}"
        self._admin(f"CREATE DATABASE {name} OWNER exhume")
        try:
            yield self.url(name)
        finally:
            self._admin(f"DROP DATABASE {name} WITH (FORCE)")

    def url(self, database: str) -> str:
        """Return the address of a database for the service's role."""
        return urlsplit(self.running.database_url)._replace(path=f"/{database}").geturl()

    def flush_broker(self) -> str:
        """Empty Valkey and return its `REDIS_URL`."""
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
    """Run servers in a temporary data folder that every account can reach.

    They are stopped and removed at the end.
    """
    data_dir = Path(tempfile.mkdtemp(prefix="exhume-test-"))
    try:
        with servers(data_dir, postgres_options=FAST) as running:
            yield TestServers(running=running, data_dir=data_dir)
    finally:
        shutil.rmtree(data_dir, ignore_errors=True)


test_servers.__test__ = False  # type: ignore[attr-defined]
