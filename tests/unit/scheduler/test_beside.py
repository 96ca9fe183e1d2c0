"""Work beside the scheduler's rounds."""

import asyncio
import threading
from types import SimpleNamespace

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError, OperationalError
from structlog.testing import capture_logs

from app.db.contention import failure
from app.scheduler import beside as module
from app.scheduler import loop
from app.scheduler.beside import beside


def test_rounds_that_fail_run_again_and_end_with_the_block(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "settings", lambda: SimpleNamespace(reaper_seconds=0.01))
    begun, again, ended = [], threading.Event(), threading.Event()

    async def rounds(stop: threading.Event) -> None:
        begun.append(threading.current_thread().name)
        if len(begun) == 1:
            raise RuntimeError("a receiver that nobody foresaw")
        again.set()
        await asyncio.to_thread(stop.wait)
        ended.set()

    with beside("letters", rounds):
        assert again.wait(10)
        assert not ended.is_set()
    assert ended.is_set()
    assert begun == ["letters", "letters"]
    assert "letters" not in {thread.name for thread in threading.enumerate()}


def wrapped(cause: psycopg.Error, *, lost: bool = False) -> DBAPIError:
    return OperationalError("UPDATE job", {}, cause, connection_invalidated=lost)


@pytest.mark.parametrize(
    ("error", "name"),
    [
        (wrapped(psycopg.errors.DeadlockDetected()), "deadlock"),
        (wrapped(psycopg.errors.SerializationFailure()), "serialization_failure"),
        (wrapped(psycopg.errors.LockNotAvailable()), "lock_timeout"),
        (wrapped(psycopg.errors.QueryCanceled()), "statement_cancelled"),
        (wrapped(psycopg.errors.UndefinedColumn()), "database_error"),
        (wrapped(psycopg.OperationalError("connection refused")), "database_away"),
        (wrapped(psycopg.ProgrammingError("the query has 2 placeholders")), "database_error"),
        (wrapped(psycopg.errors.AdminShutdown()), "database_away"),
        (wrapped(psycopg.errors.ConnectionFailure()), "database_away"),
        (wrapped(psycopg.errors.UndefinedColumn(), lost=True), "database_away"),
        (psycopg.OperationalError("connection refused"), "database_away"),
    ],
)
def test_an_error_of_the_database_is_named_as_what_it_is(error: Exception, name: str) -> None:
    assert failure(error) == name


def test_a_deadlock_in_a_round_is_logged_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    stop = threading.Event()

    def fail(*_: object) -> None:
        stop.set()
        raise wrapped(psycopg.errors.DeadlockDetected())

    monkeypatch.setattr(loop, "configured_url", lambda: "sqlite://")
    monkeypatch.setattr(loop, "hold", fail)
    with capture_logs() as logs:
        loop.run(stop)

    async def rounds(_: threading.Event) -> None:
        fail()

    stop.clear()
    with capture_logs() as beside_logs:
        module._work("deliveries", rounds, stop)
    assert [one["event"] for one in logs + beside_logs] == ["scheduler.deadlock", "deliveries.deadlock"]
