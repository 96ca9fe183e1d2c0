"""Fixtures for all tests: real servers, a new database, and a service environment."""

import os
from collections.abc import AsyncIterator, Generator, Iterator
from pathlib import Path

import pytest
import structlog

from app.db.session import async_engine, configured_url, sync_engine
from app.settings import settings
from tests.compiled import compile_once
from tests.embedded_servers import TestServers, test_servers
from tests.staying import staying
from worker.runtime.allocator import keep_freed_memory

os.environ.setdefault(
    "OMP_NUM_THREADS", "1"
)  # before torch: two test processes with two threads each wait for each other
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
# The default shows every local variable of an exception's frames, which can take half a minute.
structlog.configure(processors=[structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)])
compile_once()
keep_freed_memory()
SECRET_KEY = "5e" * 32
TESTS = Path(__file__).parent
SLOW = ("integration", "worker", "hostile")
"""Folders whose tests start first, so that no process is left with a long one at the end."""


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep tests that share a fixture of their module in one process, or each would make it."""
    for item in items:
        made = getattr(item, "_fixtureinfo").name2fixturedefs.values()  # noqa: B009 - it is private
        if "warm_sandbox" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("warm sandbox"))
        shared = any(one[-1].scope in {"module", "package"} for one in made if one)
        if shared and item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(str(item.path.relative_to(TESTS))))
    items.sort(key=lambda item: item.path.relative_to(TESTS).parts[0] not in SLOW)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    with staying():
        return (yield)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """The service runs on asyncio only."""
    return "asyncio"


@pytest.fixture(scope="session")
def servers() -> Iterator[TestServers]:
    """PostgreSQL and Valkey of this test process."""
    with test_servers() as running:
        yield running


@pytest.fixture
def database_url(servers: TestServers) -> Iterator[str]:
    """A migrated database for one test."""
    with servers.databases.migrated() as url:
        yield url


@pytest.fixture
def redis_url(servers: TestServers) -> str:
    """The broker, emptied."""
    return servers.flush_broker()


@pytest.fixture
def settings_env(
    database_url: str, redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dict[str, str]]:
    """The environment of a service process.

    `settings()` and the engines use it during the test.
    """
    environment = {
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "EXHUME_DATA_DIR": str(tmp_path / "data"),
        "EXHUME_SECRET_KEY": SECRET_KEY,
        "EXHUME_ACCESS_SECONDS": "0",  # tests change rows of keys without a request
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    yield environment
    sync_engine(configured_url()).dispose()
    sync_engine.cache_clear()
    async_engine.cache_clear()
    settings.cache_clear()


@pytest.fixture
async def async_engines(settings_env: dict[str, str]) -> AsyncIterator[None]:
    """Close the pool inside the test's event loop. Async tests use it beside `settings_env`."""
    yield
    await async_engine(configured_url()).dispose()


@pytest.fixture(scope="session")
def warm_sandbox() -> Iterator[None]:
    """The parent that a worker forks its sandboxes from, which imports torch once.

    Without it, each upload of a test imports torch in a process of its own. `test_sandbox` tests
    both ways.
    """
    from worker.intake.sandbox.warm import WARM

    WARM.start()
    WARM.wait(60)
    yield
    WARM.stop()
