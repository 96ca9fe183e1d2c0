"""Claims and heartbeats stay cheap with many jobs: the indexes are right."""

from typing import Any

import psycopg
import pytest
from sqlalchemy import Executable, text

from app.db.models import Job
from app.db.round_trip import _compiled
from app.db.session import sync_session
from app.jobs import admission, fairness
from app.jobs.beats import _extension
from app.jobs.leases import _claim
from app.jobs.stages import AUDIT_STAGES
from tests.worker.rows import make_audit

JOB = Job.metadata.tables["job"]


def plan_of(statement: Executable, values: dict[str, Any]) -> list[str]:
    """Return the lines of the plan that PostgreSQL makes if it avoids reading whole tables."""
    made = _compiled(statement).construct_expanded_state(values)
    with sync_session() as session:
        session.execute(text("SET LOCAL enable_seqscan = off"))
        session.execute(text("SET LOCAL enable_bitmapscan = off"))
        driver = session.connection().connection.driver_connection
        assert isinstance(driver, psycopg.Connection)
        lines = psycopg.RawCursor(driver).execute(f"EXPLAIN {made.statement}".encode(), made.positional_parameters)
        return [line for (line,) in lines]


@pytest.mark.usefixtures("settings_env")
def test_a_claim_and_a_choice_of_a_job_read_jobs_by_an_index() -> None:
    """With 1,000 running jobs and 4,000 queued ones, reading all took 10 ms each."""
    _, (job_id, *_) = make_audit()
    values = {"the_job": job_id, "of_worker": "w", "lease_seconds": 60.0}
    choice = fairness._next(AUDIT_STAGES, admission.fits())
    for plan in (plan_of(_claim(), values), plan_of(choice, {"of_worker": "w"})):
        reads = [line for line in plan if " on job" in line]
        assert any("ix_job_running" in line for line in reads), plan
        assert not [line for line in reads if "Seq Scan" in line], plan


def test_a_heartbeat_changes_no_column_of_an_index() -> None:
    """Otherwise PostgreSQL writes to all indexes of the table at each heartbeat of each job."""
    changed = {str(getattr(column, "name", column)) for column in _extension(with_curve=True)._values or {}}
    assert changed == {"lease_until", "done", "total", "curve"}
    assert not changed & {column.name for index in JOB.indexes for column in index.columns}
