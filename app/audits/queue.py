"""The place of an audit in the queue of the installation, without a name of another tenant."""

from collections import defaultdict
from datetime import UTC, datetime
from uuid import UUID

import anyio
from sqlalchemy import Float, case, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from app.audits import repository
from app.audits.forecast import Place, Share, Unfinished, place
from app.audits.schemas import QueuePlace
from app.auth.subject import Subject
from app.db.models import Audit, Job, ProjectLimit
from app.db.states import FINISHED_AUDIT, FINISHED_JOB, JobState
from app.db.tenancy import of_all_tenants
from app.jobs.admission import count_workers
from app.jobs.broker import QUEUE
from app.jobs.budget import ran_since, seconds_since
from app.jobs.fairness import RECENT
from app.jobs.stages import AUDIT_STAGES, Stage
from app.settings import settings

MOST_AUDITS = 2_000
"""Unfinished audits that a forecast reads, oldest first."""
UNKNOWN_SECONDS = 60.0
"""Of a job without an estimate."""
NOWHERE = Place(frozenset(), None)
"""The place of an audit that has ended."""


async def queue_place(session: AsyncSession, subject: Subject, audit_id: UUID) -> QueuePlace:
    """Return how many audits are ahead of this one, and when it is expected to go on."""
    shown = await repository.shown(session, subject, audit_id)
    audits, workers, had = await session.run_sync(_queue)
    found = NOWHERE if shown.ended else await anyio.to_thread.run_sync(place, audit_id, audits, workers, had)
    mine = repository.readable(subject).with_only_columns(func.count()).where(Audit.id.in_(found.ahead))
    visible = (await session.execute(mine)).scalar_one() if found.ahead else 0
    return QueuePlace(
        ahead=len(found.ahead), elsewhere=len(found.ahead) - visible, starts_in_seconds=found.seconds, workers=workers
    )


def _queue(session: Session) -> tuple[list[Unfinished], int, dict[UUID, Share]]:
    with of_all_tenants(session):
        audits = unfinished(session)
        return audits, count_workers(session, QUEUE), shares(session, {one.project_id for one in audits})


def unfinished(session: Session) -> list[Unfinished]:
    """Return the audits that have not ended, oldest first, with what their jobs still take."""
    ended = [state.value for state in FINISHED_AUDIT]
    audits = select(Audit.id).where(Audit.state.not_in(ended)).order_by(Audit.created_at, Audit.id).limit(MOST_AUDITS)
    part = case((Job.total > 0, cast(Job.done, Float) / func.greatest(Job.total, 1)), else_=0.0)
    statement = (
        select(Job.audit_id, Job.project_id, Job.stage, Job.state, Job.started_at, Job.estimate_seconds, part)
        .where(Job.audit_id.in_(audits), Job.state.not_in([state.value for state in FINISHED_JOB]))
        .order_by(Job.id)  # in the order of their creation
    )
    found: dict[UUID, Unfinished] = {}
    waiting: dict[UUID, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    now = datetime.now(UTC)
    for owner, project_id, stage, state, started, estimate, done in session.execute(statement):
        one = found.setdefault(owner, Unfinished(owner, project_id))
        if state == JobState.RUNNING:
            one.running.append(seconds_left(estimate, done, (now - started).total_seconds() if started else 0.0))
            waiting[owner][stage] += []
        else:
            waiting[owner][stage].append(UNKNOWN_SECONDS if estimate is None else estimate)
    for owner, stages in waiting.items():
        ordered = sorted(stages.items(), key=lambda item: AUDIT_STAGES.index(Stage(item[0])))
        found[owner].stages = [(len(each), sum(each) / max(len(each), 1)) for _, each in ordered]
    return list(found.values())


def seconds_left(estimate: float | None, done: float, elapsed: float) -> float:
    """Return the seconds left of a running job, by its pace where progress is known."""
    if done > 0:
        return elapsed * (1 - done) / done
    return max((UNKNOWN_SECONDS if estimate is None else estimate) - elapsed, 1.0)


def shares(session: Session, projects: set[UUID]) -> dict[UUID, Share]:
    """Return what these projects have had lately, their weights and their limits."""
    since = func.statement_timestamp() - RECENT
    used = (
        select(Job.project_id, func.sum(seconds_since(since)))
        .where(Job.project_id.in_(projects), ran_since(since), Job.stage.in_(AUDIT_STAGES))
        .group_by(Job.project_id)
    )
    seconds = {owner: float(total or 0.0) for owner, total in session.execute(used)}
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
