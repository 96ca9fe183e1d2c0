"""Only one scheduler is active, and another takes over when it ends."""

import threading
import time
from collections.abc import Callable

import pytest

from app.scheduler import loop, reaper
from app.settings import settings
from tests.embedded_servers import TestServers

pytestmark = pytest.mark.usefixtures("settings_env")


@pytest.fixture
def ticks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Record the thread of every tick."""
    seen: list[str] = []

    def tick() -> int:
        seen.append(threading.current_thread().name)
        return 0

    monkeypatch.setattr(reaper, "tick", tick)
    monkeypatch.setenv("EXHUME_REAPER_SECONDS", "0.1")
    settings.cache_clear()
    return seen


def start(name: str) -> tuple[threading.Thread, threading.Event]:
    stop = threading.Event()
    thread = threading.Thread(target=loop.run, args=(stop,), name=name)
    thread.start()
    return thread, stop


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_one_is_active_and_another_takes_over(ticks: list[str]) -> None:
    first, stop_first = start("first")
    until(lambda: "first" in ticks)
    second, stop_second = start("second")
    count = len(ticks)
    until(lambda: len(ticks) > count + 5)
    assert set(ticks) == {"first"}
    stop_first.set()
    first.join(10)
    until(lambda: "second" in ticks)
    stop_second.set()
    second.join(10)
    assert not first.is_alive()
    assert not second.is_alive()


def test_it_outlives_a_restart_of_postgresql(ticks: list[str], servers: TestServers) -> None:
    thread, stop = start("only")
    until(lambda: len(ticks) > 2)
    servers.running.restart_postgres()
    count = len(ticks)
    until(lambda: len(ticks) > count + 2)
    stop.set()
    thread.join(10)
    assert not thread.is_alive()
