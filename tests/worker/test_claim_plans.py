"""Claims and heartbeats stay cheap with many jobs: the indexes are right."""

from typing import Any
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import Executable, text

from app.db.models import Job
from app.db.round_trip import _compiled
from app.db.session import sync_session
from app.jobs import admission, beats, fairness
from app.jobs.beats import _extension
from app.jobs.leases import _claim
from app.jobs.stages import AUDIT_STAGES
from tests.worker.rows import make_audit

pytestmark = pytest.mark.usefixtures("settings_env")
JOB = Job.metadata.tables["job"]


MANY = text("""
    INSERT INTO job (project_id, audit_id, stage, shard, shards, state, max_attempts, attempt, started_at, finished_at)
    SELECT project_id, audit_id, 'attack', number + 1000, 1, 'succeeded', 3, 1, now(), now()
    FROM (SELECT * FROM job WHERE audit_id IS NOT NULL LIMIT 1) AS job, generate_series(1, 3000) AS number
""")
"""Jobs that have ended."""


def plan_of(statement: Executable, values: dict[str, Any]) -> list[str]:
    """Return the lines of the plan that PostgreSQL makes where many jobs have ended."""
    made = _compiled(statement).construct_expanded_state(values)
    with sync_session() as session:
        session.execute(MANY)
        session.execute(text("ANALYZE job"))
        driver = session.connection().connection.driver_connection
        assert isinstance(driver, psycopg.Connection)
        explained = f"EXPLAIN {made.statement}".encode()
        lines = psycopg.RawCursor(driver).execute(explained, made.positional_parameters).fetchall()
        session.rollback()
        return [line for (line,) in lines]


def test_a_claim_and_a_choice_of_a_job_read_jobs_by_an_index() -> None:
    """With 1,000 running jobs and 4,000 queued ones, reading them all took 10 ms."""
    _, (job_id, *_) = make_audit()
    values = {"the_job": job_id, "of_worker": "w", "lease_seconds": 60.0}
    choice = fairness._next(AUDIT_STAGES, admission.fits())
    for plan in (plan_of(_claim(), values), plan_of(choice, {"of_worker": "w"})):
        assert any("ix_job_running" in line for line in plan), plan
        assert not any("Seq Scan on job" in line for line in plan), plan


def test_what_runs_often_reads_the_queued_and_the_running_jobs_alone() -> None:
    """Not those that have ended, of which there are many: at each end of a job, and every tick."""
    make_audit()
    held_back = {"of_project": uuid4(), "besides": []}
    often = {"queued": [(fairness._hold_back(AUDIT_STAGES), {}), (fairness._held_back(), held_back)]}
    often["queued"].append((fairness.may_run(AUDIT_STAGES), {}))
    often["running"] = [(beats._running(), {}), (fairness._busy().select(), {})]
    for state, statements in often.items():
        for statement, parameters in statements:
            plan = plan_of(statement, parameters)
            assert any(f"ix_job_{state}" in line for line in plan), plan
            assert not any("Seq Scan on job" in line for line in plan), plan


def test_a_heartbeat_changes_no_column_of_an_index() -> None:
    """Otherwise PostgreSQL writes to all indexes of the table at each heartbeat of each job."""
    changed = {str(getattr(column, "name", column)) for column in _extension(with_curve=True)._values or {}}
    assert changed == {"lease_until", "done", "total", "curve"}
    assert not changed & {column.name for index in JOB.indexes for column in index.columns}
