"""The place of an audit in the queue of the installation, without a name of another tenant."""

from datetime import UTC, datetime
from uuid import UUID

import anyio
from anyio import CapacityLimiter
from anyio.lowlevel import RunVar
from sqlalchemy import Float, case, cast, func, select
from sqlalchemy.orm import Session

from app.audits import repository
from app.audits.forecast import MOST_TURNS, Fit, Need, Place, Share, Unfinished, Waiting, place
from app.audits.schemas import QueuePlace
from app.auth.subject import Subject
from app.db.models import Audit, Job, ProjectLimit, WorkerNode
from app.db.session import async_session, sync_session
from app.db.states import FINISHED_AUDIT, JobState
from app.db.tenancy import of_all_tenants
from app.jobs.admission import stage_workers
from app.jobs.fairness import used_lately
from app.jobs.stages import AUDIT_STAGES
from app.settings import settings

MOST_AUDITS = 2_000
"""Unfinished audits that a forecast reads, oldest first."""
UNKNOWN_SECONDS = 60.0
"""Of a job without an estimate."""
MOST_TURNS_OF_NEW = 5_000
"""Jobs that are played for an estimate, which is made anew with each change of a form."""
FORECASTS_AT_ONCE = 2
"""In a process of the API. Each may take some tenths of a second of a core."""
_limiter: RunVar[CapacityLimiter] = RunVar("limiter of forecasts")
NOWHERE = Place(frozenset(), None)
"""The place of an audit that has ended."""
NEW = UUID(int=0)
"""Stands for an audit that has not been started."""


async def queue_place(subject: Subject, audit_id: UUID) -> QueuePlace:
    """Return how many audits are ahead of this one, and when it is expected to go on."""
    async with async_session() as session:
        shown = await repository.shown(session, subject, audit_id)
    return await _told(subject, *await _forecast(None if shown.ended else audit_id))


async def place_of_new(subject: Subject, project_id: UUID) -> QueuePlace:
    """Return the place that an audit would have if it were started now.

    An audit starts with the one job of its first stage, which fits every worker. What its later
    jobs take or need does not change the place.
    """
    new = Unfinished(NEW, project_id, stages=[Waiting(1, UNKNOWN_SECONDS)])
    return await _told(subject, *await _forecast(NEW, new, MOST_TURNS_OF_NEW))


async def _forecast(
    audit_id: UUID | None, new: Unfinished | None = None, most_turns: int = MOST_TURNS
) -> tuple[Place, int]:
    """Return the place of an audit, or of none, and the number of workers.

    A thread reads and simulates the queue, so that other requests do not wait for it. Call this
    outside a transaction, which would hold a connection while it waits for other forecasts.
    """
    limiter = _limiter.get(None)
    if limiter is None:
        limiter = CapacityLimiter(FORECASTS_AT_ONCE)
        _limiter.set(limiter)
    return await anyio.to_thread.run_sync(_read_and_play, audit_id, new, most_turns, limiter=limiter)


def _read_and_play(audit_id: UUID | None, new: Unfinished | None, most_turns: int) -> tuple[Place, int]:
    with sync_session() as session, of_all_tenants(session):
        workers = [fit_of(one) for one in stage_workers(session)]
        if audit_id is None:
            return NOWHERE, len(workers)
        audits = unfinished(session) + ([] if new is None else [new])
        had = shares(session, {one.project_id for one in audits})
    return place(audit_id, audits, workers, had, most_turns), len(workers)


async def _told(subject: Subject, found: Place, workers: int) -> QueuePlace:
    visible = 0
    if found.ahead:
        mine = repository.readable(subject).with_only_columns(func.count()).where(Audit.id.in_(found.ahead))
        async with async_session() as session:
            visible = (await session.execute(mine)).scalar_one()
    return QueuePlace(
        ahead=len(found.ahead), elsewhere=len(found.ahead) - visible, starts_in_seconds=found.seconds, workers=workers
    )


def fit_of(worker: WorkerNode) -> Fit:
    """Return what a worker offers."""
    meets = worker.hardware.get("meets")
    return Fit(worker.memory_bytes, None if meets is None else frozenset(meets))


def unfinished(session: Session) -> list[Unfinished]:
    """Return the audits that have not ended, oldest first, with what their jobs still take.

    Jobs that wait are read by audit and stage. The need of a stage is the largest of its jobs.
    """
    ended = [state.value for state in FINISHED_AUDIT]
    audits = select(Audit.id).where(Audit.state.not_in(ended)).order_by(Audit.created_at, Audit.id).limit(MOST_AUDITS)
    order = {audit_id: at for at, audit_id in enumerate(session.scalars(audits))}
    found: dict[UUID, Unfinished] = {}
    running: dict[UUID, set[str]] = {}
    part = case((Job.total > 0, cast(Job.done, Float) / func.greatest(Job.total, 1)), else_=0.0)
    now = datetime.now(UTC)
    at_work = (
        select(Job.audit_id, Job.project_id, Job.stage, Job.started_at, Job.estimate_seconds, part, WorkerNode)
        .outerjoin(WorkerNode, WorkerNode.name == Job.worker)
        .where(Job.state == JobState.RUNNING, Job.audit_id.is_not(None))
    )
    for owner, project_id, stage, started, estimate, done, worker in session.execute(at_work):
        one = found.setdefault(owner, Unfinished(owner, project_id))
        left = seconds_left(estimate, done, (now - started).total_seconds() if started else 0.0)
        one.running.append((left, None if worker is None else fit_of(worker)))
        running.setdefault(owner, set()).add(stage)
    waiting = (
        select(
            *(Job.audit_id, Job.project_id, Job.stage, func.count()),
            func.avg(func.coalesce(Job.estimate_seconds, UNKNOWN_SECONDS)),
            *(func.max(Job.needs_bytes), func.max(Job.needs_device)),
        )
        .where(Job.audit_id.in_(audits), Job.state.in_([JobState.QUEUED, JobState.WAITING]))
        .group_by(Job.audit_id, Job.project_id, Job.stage)
    )
    by_stage = {owner: {stage: Waiting(0, 0.0) for stage in at} for owner, at in running.items()}
    for owner, project_id, stage, jobs, seconds, memory, device in session.execute(waiting):
        if owner not in found:
            found[owner] = Unfinished(owner, project_id)
        by_stage.setdefault(owner, {})[stage] = Waiting(jobs, float(seconds), Need(memory or 0, device))
    for owner, stages in by_stage.items():
        found[owner].stages = [stages[stage] for stage in AUDIT_STAGES if stage in stages]
    return sorted((one for one in found.values() if one.audit_id in order), key=lambda one: order[one.audit_id])


def seconds_left(estimate: float | None, done: float, elapsed: float) -> float:
    """Return the seconds left of a running job, by its pace where progress is known."""
    if done > 0:
        return elapsed * (1 - done) / done
    return max((UNKNOWN_SECONDS if estimate is None else estimate) - elapsed, 1.0)


def shares(session: Session, projects: set[UUID]) -> dict[UUID, Share]:
    """Return the worker time of these projects, as claims count it, their weights and limits."""
    seconds = used_lately(session, AUDIT_STAGES)
    own = {one.project_id: one for one in session.scalars(select(ProjectLimit))}
    usual = settings().max_running_jobs
    return {
        owner: Share(
            used=seconds.get(owner, 0.0),
            weight=(own[owner].weight if owner in own else None) or 1.0,
            room=(own[owner].running_jobs if owner in own else None) or usual,
        )
        for owner in projects
    }
