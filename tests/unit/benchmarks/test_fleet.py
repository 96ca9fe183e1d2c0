"""The fleet simulator at a small size: workers die and stop, and every job is written once."""

import threading
import time
from contextlib import ExitStack

import psycopg
import pytest
from sqlalchemy import text

from app.db.session import configured_url, sync_session
from app.scheduler import reaper
from app.settings import settings
from bench.cost import fleet_rows
from bench.cost.fleet_processes import Fleets, shares
from bench.cost.fleet_workers import THREADS, Habits, a_connection_for_each_thread
from tests.worker.rows import make_project

HABITS = Habits(shard_seconds=0.2, lease_seconds=1.5, deaths_per_hour=4500.0, return_seconds=0.1)
"""Every fourth shard loses its worker."""


def test_nothing_is_lost_or_doubled_while_workers_die(
    settings_env: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EXHUME_LEASE_SECONDS", str(HABITS.lease_seconds))
    monkeypatch.setenv("EXHUME_HEARTBEAT_SECONDS", "0.2")
    settings.cache_clear()
    with sync_session() as session:
        projects = [make_project(session).id for _ in range(2)]
    stop = threading.Event()
    scheduler = threading.Thread(target=schedule, args=(stop,))
    with psycopg.connect(settings_env["DATABASE_URL"], autocommit=True) as database:
        fleet_rows.add_audits(database, projects, audits=2, shards=10, attempts=20)
        scheduler.start()
        try:
            fleet = Fleets(shares(10, 2, HABITS, configured_url(), settings_env["REDIS_URL"], seed=1))
            fleet.start(time.monotonic())
            wait_until_ended(database)
            fleet.end()
        finally:
            stop.set()
            scheduler.join()
        found = fleet_rows.ended(database)
    assert fleet.counts.killed + fleet.counts.stopped > 2
    assert (found.jobs, found.lost, found.doubled, found.unfinished_audits) == (26, 0, 0, 0)
    assert found.attempts == len(fleet.counts.claims)
    assert fleet.counts.late_writes == fleet.counts.stopped
    assert fleet.counts.latest_seconds > 0


def test_no_simulated_worker_waits_for_the_connection_of_another(settings_env: dict[str, str]) -> None:
    with a_connection_for_each_thread(configured_url()), ExitStack() as held:
        sessions = [held.enter_context(sync_session()) for _ in range(2 * THREADS)]
        pids = {session.execute(text("SELECT pg_backend_pid()")).scalar_one() for session in sessions}
    assert len(pids) == 2 * THREADS


def test_every_worker_is_in_one_process() -> None:
    divided = shares(10, 4, HABITS, "", "", seed=1)
    assert [number for one in divided for number in range(one.first, one.first + one.workers)] == list(range(10))
    assert len({one.seed for one in divided}) == len(divided) == 4


def schedule(stop: threading.Event) -> None:
    while not stop.wait(0.1):
        reaper.tick()


def wait_until_ended(database: fleet_rows.Database) -> None:
    end = time.monotonic() + 120
    while fleet_rows.unfinished(database):
        assert time.monotonic() < end, "jobs were lost"
        time.sleep(0.05)
