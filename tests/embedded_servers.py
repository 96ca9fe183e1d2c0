"""Real PostgreSQL and Valkey for tests, run by our supervisor.

Each test process has a pair of servers and each test a database.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import redis

from app.embedded import Servers, servers
from tests.databases import Databases

# Tests do not need to survive a power cut.
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "80"}


@dataclass(kw_only=True)
class TestServers:
    """Running servers, and the databases on them."""

    __test__ = False

    running: Servers
    data_dir: Path
    databases: Databases

    def flush_broker(self) -> str:
        """Empty Valkey and return its `REDIS_URL`."""
        with redis.Redis.from_url(self.running.redis_url) as client:
            client.flushall()
        return self.running.redis_url


@contextmanager
def test_servers() -> Iterator[TestServers]:
    """Run servers in a temporary data folder that every account can reach.

    They are stopped and removed at the end.
    """
    data_dir = Path(tempfile.mkdtemp(prefix="exhume-test-"))
    try:
        with servers(data_dir, postgres_options=FAST) as running:
            databases = Databases(running=running)
            yield TestServers(running=running, data_dir=data_dir, databases=databases)
            databases.close()
    finally:
        shutil.rmtree(data_dir, ignore_errors=True)


test_servers.__test__ = False  # type: ignore[attr-defined]
