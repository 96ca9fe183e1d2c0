"""Stages advance when their predecessors finish.

State and events follow in the same transaction.
"""

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest

from app.db.models import Audit, Dataset, DatasetRole, Job
from app.db.session import async_session, sync_session
from app.db.states import IllegalMoveError, JobState
from app.jobs.dispatch import add_audit_jobs, request_cancel
from app.jobs.leases import claim
from app.jobs.stages import AUDIT_STAGES, Stage
from app.jobs.starts import record_start
from app.jobs.transitions import finish, lock_audit, move
from tests.worker.rows import (
    drain,
    events_of,
    get_audit,
    jobs_of,
    make_audit,
    make_dataset,
    make_project,
)

pytestmark = pytest.mark.usefixtures("settings_env")


def succeed(job_id: UUID) -> list[UUID]:
    with sync_session() as session:
        held = claim(session, job_id, worker="w", lease_seconds=60)
    assert held is not None
    with sync_session() as session:
        record_start(session, held, "w")
    with sync_session() as session:
        return finish(session, job_id, held.attempt, JobState.SUCCEEDED, result={"ok": True})


def fail(job_id: UUID) -> None:
    with sync_session() as session:
        held = claim(session, job_id, worker="w", lease_seconds=60)
    assert held is not None
    with sync_session() as session:
        finish(session, job_id, held.attempt, JobState.FAILED, problem={"code": "broken"})


def states(audit_id: UUID) -> dict[str, list[str]]:
    return {stage.value: [job.state for job in jobs_of(audit_id, stage)] for stage in AUDIT_STAGES}


def test_the_attack_is_cut_into_shards() -> None:
    audit_id, ids = make_audit()
    assert len(ids) == 10
    assert [job.payload for job in jobs_of(audit_id, "attack")] == [
        {"attack": 0, "identities": [0, 1]},
        {"attack": 0, "identities": [2, 3]},
    ]


def test_a_stage_is_queued_when_all_it_waits_for_has_succeeded() -> None:
    audit_id, (references, prepare, prior, students, *_) = make_audit()
    assert succeed(references) == [prepare]
    assert set(succeed(prepare)) == {prior, students}
    succeed(prior)
    assert states(audit_id)["attack"] == ["waiting", "waiting"]
    assert states(audit_id)["controls"] == ["queued"]
    succeed(students)
    assert states(audit_id)["attack"] == ["queued", "queued"]


def test_shards_that_end_at_once_queue_the_next_stage_once() -> None:
    audit_id, (references, prepare, prior, students, first, second, controls, *_) = make_audit()
    for job_id in (references, prepare, prior, students, controls):
        succeed(job_id)
    with ThreadPoolExecutor(2) as pool:
        ready = [job_id for ids in pool.map(succeed, (first, second)) for job_id in ids]
    verify = jobs_of(audit_id, "verify")[0]
    assert verify.state == "queued"
    assert verify.id in ready
    queued = [
        event for event in events_of(audit_id, "job") if event["stage"] == "verify" and event["state"] == "queued"
    ]
    assert len(queued) == 1


def test_an_audit_succeeds_with_its_last_job() -> None:
    audit_id, _ = make_audit()
    drain(audit_id, succeed)
    audit = get_audit(audit_id)
    assert audit.state == "succeeded"
    assert audit.finished_at is not None
    assert [event["state"] for event in events_of(audit_id, "audit")] == ["running", "succeeded"]


def test_events_are_numbered_without_gaps() -> None:
    audit_id, ids = make_audit()
    drain(audit_id, succeed)
    assert get_audit(audit_id).event_seq == len(ids) + 2 * len(ids) + 9 + 2  # made; run and done; queued; the audit


def test_a_failed_job_fails_the_audit_and_cancels_the_rest() -> None:
    audit_id, (references, prepare, prior, *_) = make_audit()
    succeed(references)
    succeed(prepare)
    fail(prior)
    audit = get_audit(audit_id)
    assert (audit.state, audit.problem) == ("failed", {"code": "broken"})
    assert states(audit_id)["students"] == ["cancelled"]
    assert states(audit_id)["score"] == ["cancelled"]


def test_a_failed_intake_refuses_its_dataset() -> None:
    with sync_session() as session:
        project = make_project(session)
        dataset = make_dataset(session, project, DatasetRole.PUBLIC, state="checking", object_key="quarantine/x")
        job = Job(
            project_id=project.id,
            subject_id=dataset.id,
            stage=Stage.INTAKE_DATASET,
            state=JobState.QUEUED,
            max_attempts=3,
        )
        session.add(job)
        session.flush()
    fail(job.id)
    with sync_session() as session:
        refused = session.get_one(Dataset, dataset.id)
    assert (refused.state, refused.problem, refused.object_key) == ("refused", {"code": "broken"}, None)


def test_a_job_leaves_a_final_state_only_to_make_again_what_was_lost() -> None:
    audit_id, (first, *_) = make_audit()
    succeed(first)
    for state in set(JobState) - {JobState.QUEUED}:
        with sync_session() as session:
            lock_audit(session, audit_id)
            with pytest.raises(IllegalMoveError):
                move(session, session.get_one(Job, first), state)


@pytest.mark.usefixtures("async_engines")
class TestCancel:
    async def cancel(self, audit_id: UUID) -> None:
        async with async_session() as session:
            audit = await session.get_one(Audit, audit_id)
            await request_cancel(session, audit)
            assert audit.cancel_requested_at is not None

    async def test_an_audit_that_has_not_begun_is_cancelled_at_once(self) -> None:
        audit_id, _ = make_audit()
        await self.cancel(audit_id)
        assert get_audit(audit_id).state == "cancelled"
        assert {state for stage in states(audit_id).values() for state in stage} == {"cancelled"}

    async def test_what_runs_is_left_to_stop_by_itself(self) -> None:
        audit_id, (first, *_) = make_audit()
        with sync_session() as session:
            held = claim(session, first, worker="w", lease_seconds=60)
        assert held is not None
        await self.cancel(audit_id)
        assert get_audit(audit_id).state == "cancelling"
        with sync_session() as session:
            finish(session, first, held.attempt, JobState.CANCELLED)
        assert get_audit(audit_id).state == "cancelled"

    async def test_a_cancelled_audit_yields_no_claim(self) -> None:
        audit_id, (first, *_) = make_audit()
        await self.cancel(audit_id)
        with sync_session() as session:
            assert claim(session, first, worker="w", lease_seconds=60) is None

    async def test_jobs_are_added_in_the_callers_transaction(self) -> None:
        audit_id, ids = make_audit(jobs=False)
        assert ids == []
        with pytest.raises(RuntimeError, match="rolled back"):
            await self.add(audit_id, error=RuntimeError("rolled back"))
        assert jobs_of(audit_id, "references") == []
        await self.add(audit_id)
        assert [job.state for job in jobs_of(audit_id, "references")] == ["queued"]

    async def add(self, audit_id: UUID, error: Exception | None = None) -> None:
        async with async_session() as session:
            assert len(await add_audit_jobs(session, await session.get_one(Audit, audit_id))) == 10
            if error:
                raise error
