"""Rows for tests of jobs: a project, the inputs of an audit, and an audit with its jobs."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from app.auth.bootstrap import default_organisation
from app.db.models import Audit, Dataset, DatasetRole, Job, JobEvent, Project, Release, Target
from app.db.session import sync_session
from app.db.states import IntakeState, JobState
from app.jobs.dispatch import _add_audit_jobs
from tests.integration.faults.processes import until

PLAN: dict[str, Any] = {
    "version": 3,
    "attack": "gmi",
    "prior_kind": "wgan-gp",
    "setting": "baseline",
    "prior": "trained",
    "effort": "quick",
    "identities": [0, 1, 2, 3],
    "identity_sample": {"count": 4, "seed": 0, "of": 4},
    "seed": 0,
    "restarts": 2,
    "steps": 4,
    "shard_size": 2,
    "students": 0,
    "attack_options": {},
    "budget": 0.05,
    "release_plan": None,
    "confidence": 0.95,
    "verifiers": None,
    "datasets": {"public": None, "private": None, "gallery": None},
    "verifiers_chosen": False,
    "gallery": None,
    "twin": None,
}
"""A plan without named verifiers: those shipped for the image size judge.

It has version 3, so that a test changes a setting of its one attack by the name of a field.
"""


def make_project(session: Session) -> Project:
    project = Project(organisation_id=default_organisation(session), name=f"project {uuid4().hex}")
    session.add(project)
    session.flush()
    return project


def make_release(session: Session, project: Project, **values: Any) -> Release:
    target = Target(project_id=project.id, name=f"target {uuid4().hex}")
    session.add(target)
    session.flush()
    defaults: dict[str, Any] = {
        "version": "1",
        "architecture": "exhume/small-cnn",
        "hyperparameters": {},
        "convention": {"height": 32, "width": 32, "channels": 1},
        "classes": ["a", "b", "c", "d"],
        "state": IntakeState.READY,
    }
    release = Release(project_id=project.id, target_id=target.id, **(defaults | values))
    session.add(release)
    session.flush()
    return release


def make_dataset(session: Session, project: Project, role: DatasetRole, **values: Any) -> Dataset:
    defaults: dict[str, Any] = {"name": f"set {uuid4().hex}", "role": role, "state": IntakeState.READY}
    dataset = Dataset(project_id=project.id, **(defaults | values))
    session.add(dataset)
    session.flush()
    return dataset


def an_audit(**values: Any) -> Audit:
    """Return a requested audit that is in no session yet."""
    defaults: dict[str, Any] = {
        "plan": PLAN,
        "plan_digest": "sha256:0",
        "declared_by": "owner",
        "declaration": "ours",
        "requested_by": "test",
        "estimate": {},
        "delete_images_at": datetime.now(UTC) + timedelta(days=30),
    }
    return Audit(**(defaults | values))


def make_audit(plan: dict[str, Any] = PLAN, *, jobs: bool = True) -> tuple[UUID, list[UUID]]:
    """Commit an audit. Return its id and the ids of its jobs, in the order of the stages."""
    with sync_session() as session:
        project = make_project(session)
        audit = an_audit(
            project_id=project.id,
            release_id=make_release(session, project).id,
            public_dataset_id=make_dataset(session, project, DatasetRole.PUBLIC).id,
            plan=plan,
        )
        session.add(audit)
        session.flush()
        return audit.id, _add_audit_jobs(session, audit) if jobs else []


def shards_of(stage: str) -> list[UUID]:
    """Return the queued jobs of one stage of a new audit."""
    _, ids = make_audit(PLAN | {"identities": list(range(10)), "identity_sample": {"count": 10, "seed": 0, "of": 10}})
    shards = [job_id for job_id in ids if get_job(job_id).stage == stage]
    with sync_session() as session:
        session.execute(update(Job).where(Job.id.in_(shards)).values(state=JobState.QUEUED))
    return shards


def get_job(job_id: UUID) -> Job:
    with sync_session() as session:
        return session.get_one(Job, job_id)


def get_audit(audit_id: UUID) -> Audit:
    with sync_session() as session:
        return session.get_one(Audit, audit_id)


def jobs_of(audit_id: UUID, stage: str) -> list[Job]:
    with sync_session() as session:
        statement = select(Job).where(Job.audit_id == audit_id, Job.stage == stage).order_by(Job.shard)
        return list(session.execute(statement).scalars())


def events_of(audit_id: UUID, kind: str) -> list[dict[str, Any]]:
    with sync_session() as session:
        statement = select(JobEvent.payload).where(JobEvent.audit_id == audit_id, JobEvent.kind == kind)
        return list(session.execute(statement.order_by(JobEvent.seq)).scalars())


def event_numbers(audit_id: UUID) -> list[int]:
    """Return the numbers of all events of the audit, in order."""
    with sync_session() as session:
        return list(
            session.execute(select(JobEvent.seq).where(JobEvent.audit_id == audit_id).order_by(JobEvent.seq)).scalars()
        )


def set_job(job_id: UUID, **values: Any) -> None:
    """Change a row directly in the database, as time or an accident would."""
    with sync_session() as session:
        session.execute(update(Job).where(Job.id == job_id).values(**values))


def expire(job_id: UUID) -> None:
    set_job(job_id, lease_until=datetime.now(UTC) - timedelta(seconds=1))


def until_one_waits(session: Session, who: str) -> None:
    """Wait until another transaction waits for a row. `who` that is, is named if none does."""
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype IN ('transactionid', 'tuple')")
    until(lambda: bool(session.execute(waiting).scalar_one()), f"{who} that waits for a row", 30)


def drain(audit_id: UUID, run: Any, *, last: str | None = None) -> None:
    """Run queued jobs with `run(job_id)` until none is left.

    With `last`, only until this stage has succeeded, which it must.
    """
    while last is None or {job.state for job in jobs_of(audit_id, last)} != {JobState.SUCCEEDED}:
        with sync_session() as session:
            statement = select(Job.id).where(Job.audit_id == audit_id, Job.state == JobState.QUEUED)
            job_id = session.execute(statement.order_by(Job.id).limit(1)).scalar_one_or_none()
        if job_id is None:
            assert last is None, get_audit(audit_id).problem
            return
        run(job_id)
