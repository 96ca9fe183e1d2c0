"""The memory that a shard measured counts for the other shards, and for later audits."""

from typing import Any

import pytest

from app.contract.plan import Plan
from app.db.models import Audit, WorkerNode
from app.db.session import sync_session
from app.jobs.dispatch import _add_audit_jobs
from app.jobs.leases import claim
from app.jobs.needs import note_needs
from tests.worker.rows import PLAN, an_audit, jobs_of, make_audit, set_job

pytestmark = pytest.mark.usefixtures("settings_env")


def needed(audit: Audit, plan: dict[str, Any]) -> set[int | None]:
    """Return what the shards of another audit of the same release need by this plan."""
    with sync_session() as session:
        own = {"project_id": audit.project_id, "release_id": audit.release_id}
        other = an_audit(**own, public_dataset_id=audit.public_dataset_id, plan=plan)
        session.add(other)
        session.flush()
        _add_audit_jobs(session, other)
    return {job.needs_bytes for job in jobs_of(other.id, "attack")}


def test_the_first_shard_measures_for_all_and_for_later_audits_of_the_release() -> None:
    plan = Plan.load(PLAN).model_dump(mode="json")
    audit_id, _ = make_audit(plan)
    first, second = jobs_of(audit_id, "attack")
    set_job(first.id, state="queued")
    set_job(second.id, needs_bytes=7)
    with sync_session() as session:
        audit, held = session.get_one(Audit, audit_id), claim(session, first.id, worker="w", lease_seconds=60)
        assert held is not None
        note_needs(session, held, 5)
    assert [job.needs_bytes for job in jobs_of(audit_id, "attack")] == [5, 7], "one ran out of memory"
    assert {job.needs_bytes for job in jobs_of(audit_id, "controls")} == {None}
    assert needed(audit, plan) == {7}
    assert needed(audit, plan | {"attacks": [plan["attacks"][0] | {"steps": 5}]}) == {None}
    assert needed(audit, PLAN) == {None}


def test_what_was_measured_on_a_processor_does_not_count_for_a_gpu() -> None:
    plan = Plan.load(PLAN).model_dump(mode="json")
    audit_id, _ = make_audit(plan)
    first, second = jobs_of(audit_id, "attack")
    claims = {}
    for job, device, needs in ((first, "cpu", 5), (second, "cuda", 9)):
        set_job(job.id, state="queued")
        with sync_session() as session:
            session.add(WorkerNode(name=device, hardware={}, device={"kind": device, "name": device}))
        with sync_session() as session:
            audit, held = session.get_one(Audit, audit_id), claim(session, job.id, worker=device, lease_seconds=60)
            assert held is not None
            claims[device] = held
            note_needs(session, held, needs)
        if device == "cpu":
            assert needed(audit, plan) == {5}
            set_job(second.id, needs_bytes=None)  # as if it had been added by then
    assert [job.needs_bytes for job in jobs_of(audit_id, "attack")] == [5, 9]
    assert needed(audit, plan) == {9}
    set_job(first.id, needs_bytes=None)
    set_job(second.id, needs_bytes=None)
    with sync_session() as session:
        note_needs(session, claims["cpu"], 5)
    assert {job.needs_bytes for job in jobs_of(audit_id, "attack")} == {None}, "a GPU measures its own"
