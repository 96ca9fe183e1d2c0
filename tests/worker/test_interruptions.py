"""A worker that is killed between any two transactions of a job, and what the next one finds."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db.models import Artifact
from app.db.session import configured_url, sync_engine, sync_session
from app.jobs.events import record
from app.scheduler import reaper
from app.storage.store import store
from tests.cutting import cut_at
from tests.worker.rows import event_numbers, events_of, expire, get_audit, get_job, jobs_of, make_audit
from worker.evidence.artifacts import make_artifact
from worker.inversion.keys import Key
from worker.job.context import Outcome, Stage, StageContext
from worker.runtime.run import run_claimed

pytestmark = pytest.mark.usefixtures("settings_env")

KEY = Key("sha256:" + "0" * 64)
MOST = 40


def stage_of(name: str) -> Stage:
    """Return a stage that stores an artifact and writes a result with its end."""

    def write(path: Path) -> dict[str, Any]:
        path.write_bytes(b"made")
        return {}

    def stage(context: StageContext) -> Outcome:
        made, audit_id = make_artifact(context, "prior", KEY, write), context.claim.audit_id
        assert audit_id is not None

        def rows(session: Session) -> None:
            record(session, audit_id, "result", {"verdict": "PASS"})

        return Outcome({"sha256": made.sha256}, rows)

    return stage


def test_a_kill_between_any_two_transactions_of_a_job_loses_and_doubles_nothing(redis: Any) -> None:
    engine, place = sync_engine(configured_url()), 0
    while True:
        place += 1
        audit_id, (job_id, *_) = make_audit()
        with cut_at(engine, place) as cutter:
            run_claimed(job_id, stage_of)
        if get_job(job_id).state == "running":
            expire(job_id)
            with sync_session() as session:
                assert reaper.reap(session, job_id), place
        if get_job(job_id).state != "succeeded":
            assert run_claimed(job_id, stage_of), place
        check(audit_id, job_id, f"after a cut at {place}")
        if not cutter.cut:
            break
        assert place < MOST
    assert place > 12, "claim, artifact, use of the artifact, result and message are transactions"


def check(audit_id: Any, job_id: Any, when: str) -> None:
    job, audit = get_job(job_id), get_audit(audit_id)
    assert (job.state, job.attempt in {1, 2}, job.lease_until) == ("succeeded", True, None), when
    assert len(events_of(audit_id, "result")) == 1, when
    numbers = event_numbers(audit_id)
    assert numbers == list(range(1, len(numbers) + 1)), when
    assert audit.state == "running", when
    (following,) = jobs_of(audit_id, "prepare")
    assert following.state == "queued", when
    with sync_session() as session:
        (artifact,) = session.scalars(select(Artifact).where(Artifact.project_id == audit.project_id)).all()
        assert (job.result or {})["sha256"] == artifact.sha256, when
    stored = list((store().folder or Path()).glob(f"artifacts/{audit.project_id}/*/*"))
    assert [file.name for file in stored] == [artifact.object_key.rpartition("/")[2]], when
