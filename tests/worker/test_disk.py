"""Starts, heartbeats with events, and ends of jobs wait for the disk after their commit."""

from typing import Any

import pytest
from sqlalchemy import Connection, func, select, text
from sqlalchemy.orm import Session

from app.db.disk import commit_at_once, wait_for_disk
from app.db.session import configured_url, sync_engine, sync_session
from app.jobs import beats
from app.jobs.beats import News
from app.jobs.leases import Claim, claim
from tests.worker.rows import events_of, get_job, make_audit
from worker.job import heartbeat, retry
from worker.job.context import Outcome
from worker.runtime import run

pytestmark = pytest.mark.usefixtures("settings_env")
FLUSHED = text("SELECT pg_current_wal_flush_lsn() >= CAST(:until AS pg_lsn)")
SETTING = text("SHOW synchronous_commit")


def held() -> Claim:
    _, (job_id, *_) = make_audit()
    with sync_session() as session:
        found = claim(session, job_id, worker="w", lease_seconds=60)
    assert found is not None
    return found


def kinds(of: Claim) -> list[str]:
    """Return the events of the job that other transactions see: its states, then its progress."""
    assert of.audit_id is not None
    found = [*events_of(of.audit_id, "job"), *events_of(of.audit_id, "progress")]
    return [event.get("state", "progress") for event in found if event["job_id"] == str(of.job_id)]


def test_waiting_for_the_disk_waits_for_what_was_committed_before() -> None:
    held()
    with sync_engine(configured_url()).connect() as connection:
        connection.execute(text("SET synchronous_commit = on"))
        connection.commit()
        for _ in range(20):
            commit_at_once_on(connection)
            committed = connection.execute(select(func.pg_current_wal_insert_lsn())).scalar_one()
            connection.rollback()
            wait_for_disk(connection)
            connection.commit()
            flushed = connection.execute(FLUSHED, {"until": committed}).scalar_one()
            connection.rollback()
            assert flushed


def commit_at_once_on(connection: Connection) -> None:
    with Session(connection) as session:
        commit_at_once(session)
        session.execute(text("UPDATE project SET name = 'written'"))
        session.commit()


def test_the_start_and_the_end_of_a_job_wait_for_the_disk_after_their_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    one, seen, settings = held(), [], []

    def wait(session: Session) -> None:
        seen.append(kinds(one)[-1])

    def stage(context: Any) -> Outcome:
        return Outcome({}, lambda session: settings.append(session.execute(SETTING).scalar_one()))

    monkeypatch.setattr(retry, "wait_for_disk", wait)
    assert run.begin(one, "w")
    run.attempt(one, {}, heartbeat.Heartbeat(one), lambda _: stage)
    assert seen == ["running", "succeeded"]
    assert settings == ["off"]
    assert get_job(one.job_id).state == "succeeded"


def test_a_heartbeat_with_an_event_waits_for_the_disk_after_its_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    one, seen = held(), []

    def beat(connection: Connection, news: News | None) -> None:
        beats.beat(connection, one, lease_seconds=60, done=1, total=2, news=news)

    monkeypatch.setattr(beats, "wait_for_disk", lambda _: seen.append(kinds(one)[-1]))
    with heartbeat.heartbeat_engine(configured_url()).connect() as connection:
        beat(connection, News({}))
        assert seen == ["progress"]
        beat(connection, None)
        assert len(seen) == 1, "a renewal alone locks nothing that others wait for"
    with sync_engine(configured_url()).connect() as connection:
        connection.execute(text("SET LOCAL synchronous_commit = on"))
        beat(connection, News({}))
        assert connection.execute(SETTING).scalar_one() == "off"
