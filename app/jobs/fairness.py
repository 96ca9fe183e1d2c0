"""Which job is next: the oldest of the project that has had the least, for its weight.

A message of the broker only means that some job of its queue may be ready, so the order of
messages does not matter. Claims of a project take turns by an advisory lock, so it does not exceed
its limits.

Statements are made once for a process, as making one takes longer than PostgreSQL needs to run it.
What differs from one execution to the next is a parameter.
"""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CTE,
    BindParameter,
    ColumnElement,
    Integer,
    Interval,
    Select,
    String,
    Subquery,
    Update,
    Uuid,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
    tuple_,
    union_all,
    update,
)
from sqlalchemy.orm import Session, aliased

from app.db.models import Job, ProjectLimit
from app.db.round_trip import together
from app.db.states import JobState
from app.jobs.budget import seconds_since
from app.jobs.stages import AUDIT_STAGES, Stage
from app.settings import settings

CLAIMS = 0x6578636C  # "excl": the advisory locks of claims, one for each project
RECENT = timedelta(hours=1)
"""Work older than this no longer counts against a project."""
MOST_COUNTED = 2000
"""Finished jobs that count, the newest. A large fleet ends more in an hour, and a claim must not
read all of them."""
CHECK_STAGES = tuple(stage for stage in Stage if stage not in AUDIT_STAGES)


@lru_cache
def turn() -> Select[str, None]:
    """Return the statement that waits until no other claim of `the_job`'s project is in progress.

    It holds until the transaction ends. For a job of an audit, the commit does not wait for the
    disk, so the next claim does not either: `record_start` waits before the job runs. If the
    server crashes in between, the job is in the queue again, and `record_start` finds that out.
    """
    jobs = Job.__table__.c
    lock = func.pg_advisory_xact_lock(CLAIMS, func.hashtext(cast(jobs.project_id, String)))
    name = literal("synchronous_commit", String)
    durable = case((jobs.audit_id.is_(None), func.current_setting(name)), else_=literal("off", String))
    return select(func.set_config(name, durable, true()), lock).where(jobs.id == bindparam("the_job", type_=Uuid))


def stages_beside(stage: Stage) -> tuple[Stage, ...]:
    """Return the stages whose messages share a queue with those of `stage`."""
    return AUDIT_STAGES if stage in AUDIT_STAGES else CHECK_STAGES


def _setting(name: str, read: Callable[[], int]) -> BindParameter[int]:
    """Return a parameter whose value is read from the settings at each execution."""
    return bindparam(name, callable_=read, type_=Integer)


@lru_cache
def due() -> ColumnElement[bool]:
    """Return SQL for a queued job whose pause, if any, is over."""
    rested = or_(Job.not_before.is_(None), Job.not_before <= func.clock_timestamp())
    return and_(Job.state == JobState.QUEUED, Job.attempt < Job.max_attempts, rested)


@lru_cache
def has_room() -> ColumnElement[bool]:
    """Return SQL for a job whose project may run one more of its kind.

    Kinds are stages of audits, checks of files, and imports. The projects without room are found
    once for a statement, not once for each of its jobs.
    """
    return tuple_(Job.project_id, _kind(Job)).not_in(_full())


def _full() -> Select[UUID, str]:
    other, own = aliased(Job), aliased(ProjectLimit)
    running = (
        select(other.project_id, _kind(other).label("kind"), _limit(other, own).label("most"))
        .outerjoin(own, own.project_id == other.project_id)
        .where(other.state == JobState.RUNNING)
        .subquery()
    )
    kinds = (running.c.project_id, running.c.kind)
    return select(*kinds).group_by(*kinds).having(func.count() >= func.min(running.c.most))


def _limit(job: type[Job], own: type[ProjectLimit]) -> ColumnElement[int]:
    """Return SQL for the number of jobs of this kind that the project may have running."""
    jobs = _setting("max_running_jobs", lambda: settings().max_running_jobs)
    checks = _setting("max_running_checks", lambda: settings().max_running_checks)
    return case(
        (job.stage.in_(AUDIT_STAGES), func.coalesce(own.running_jobs, jobs)),
        else_=func.coalesce(own.running_checks, checks),
    )


def _kind(job: type[Job]) -> ColumnElement[str]:
    return case(
        (job.stage == Stage.FETCH, literal("fetch", String)),
        (job.stage.in_(AUDIT_STAGES), literal("audit", String)),
        else_=literal("check", String),
    )


def choose(
    session: Session,
    stages: tuple[Stage, ...],
    condition: ColumnElement[bool] | None = None,
    values: dict[str, Any] | None = None,
) -> UUID | None:
    """Return the next job of these stages, or None if there is none that may run.

    Args:
        condition: SQL for the jobs to choose from, the same object each time.
        values: of its parameters.
    """
    for job in together(session, (_next(stages, condition), values or {})):
        return UUID(str(job.id))
    return None


@lru_cache
def _next(stages: tuple[Stage, ...], condition: ColumnElement[bool] | None = None) -> Select[UUID]:
    """Select the next job.

    Reads the oldest job of each project that has one in the queue, however long the queue is.
    """
    own, used = aliased(ProjectLimit), _used(stages)
    audits = set(stages) <= set(AUDIT_STAGES)
    waiting = _waiting(audits)
    # Many stages have ended: a range and this order keep PostgreSQL from the index by id.
    same = Job.project_id == waiting.c.project_id
    project = Job.project_id.between(waiting.c.project_id, waiting.c.project_id) if audits else same
    oldest = (
        select(Job.id)
        .where(project, _is_queued(audits), due(), Job.stage.in_(stages))
        .where(true() if audits else has_room(), true() if condition is None else condition)
        .order_by(Job.project_id, Job.id)
        .limit(1)
        .lateral()
    )
    roomy = tuple_(waiting.c.project_id, literal("audit", String)).not_in(_full()) if audits else true()
    weight = func.coalesce(own.weight, 1.0)
    return (
        select(oldest.c.id)
        .select_from(waiting)
        .join(oldest, true())
        .outerjoin(used, used.c.project_id == waiting.c.project_id)
        .outerjoin(own, own.project_id == waiting.c.project_id)
        .where(roomy)
        .order_by(func.coalesce(used.c.seconds, 0) / weight, oldest.c.id)
        .limit(1)
    )


def used_lately(session: Session, stages: tuple[Stage, ...]) -> dict[UUID, float]:
    """Return the seconds for which workers have run jobs of these stages lately, by project."""
    used = _used(stages)
    return {
        owner: float(seconds or 0.0) for owner, seconds in session.execute(select(used.c.project_id, used.c.seconds))
    }


def _used(stages: tuple[Stage, ...]) -> Subquery:
    """Select the seconds for which workers have run jobs of these stages lately, by project."""
    other = aliased(Job)
    since = func.statement_timestamp() - RECENT
    each = select(other.project_id, seconds_since(since, other).label("seconds"))
    each = each.where(other.started_at.is_not(None), other.stage.in_(stages))
    newest = each.where(other.finished_at > since).order_by(other.finished_at.desc()).limit(MOST_COUNTED)
    running = each.where(other.state == JobState.RUNNING, other.finished_at.is_(None))
    both = union_all(newest.subquery().select(), running).subquery()
    return select(both.c.project_id, func.sum(both.c.seconds).label("seconds")).group_by(both.c.project_id).subquery()


def _is_queued(audits: bool) -> ColumnElement[bool]:
    """Return SQL in the words of a partial index."""
    state = Job.state == literal_column(f"'{JobState.QUEUED}'")
    return and_(state, Job.audit_id.is_not(None) if audits else Job.audit_id.is_(None))


def _waiting(audits: bool) -> CTE:
    """Select the projects that have jobs in the queue, one by one from the index."""
    queued = _is_queued(audits)
    first = select(Job.project_id).where(queued).order_by(Job.project_id, Job.id).limit(1).scalar_subquery()
    found = select(first.label("project_id")).cte("waiting", recursive=True)
    later = select(Job.project_id).where(queued, Job.project_id > found.c.project_id)
    following = later.order_by(Job.project_id, Job.id).limit(1).scalar_subquery()
    return found.union_all(select(following).where(found.c.project_id.is_not(None)))


def free(jobs: Select[UUID]) -> Select[UUID]:
    """Lock these jobs, without those that another transaction has locked.

    Notes about messages are written without the lock of the audit. By waiting for rows in another
    order than a transaction that moves several jobs of an audit, they would deadlock with it.
    """
    return jobs.with_for_update(key_share=True, skip_locked=True)


@lru_cache
def may_run(
    stages: tuple[Stage, ...], condition: ColumnElement[bool] | None = None
) -> Select[UUID, datetime | None, bool]:
    """Select the queued jobs that may run now, no more of a project than its limits allow.

    Those without a message are first. `rested` is false for a job that has become ready just now:
    the dispatcher publishes right after its commit, and a worker claims right after it receives a
    message.
    """
    other, own = aliased(Job), aliased(ProjectLimit)
    kinds = (other.project_id, _kind(other).label("kind"))
    running = select(*kinds, func.count().label("jobs")).where(other.state == JobState.RUNNING).group_by(*kinds)
    busy = running.subquery()
    sent, now = Job.published_at.is_not(None), func.statement_timestamp()
    pause = bindparam("pause", callable_=_pause, type_=Interval)
    rested = case((sent, Job.published_at < now - pause), else_=Job.created_at < now - timedelta(seconds=1))
    place = func.row_number().over(partition_by=[Job.project_id, _kind(Job)], order_by=(sent, Job.id))
    room = _limit(Job, own) - func.coalesce(busy.c.jobs, 0)
    ranked = (
        select(Job.id, Job.published_at, rested.label("rested"), place.label("place"), room.label("room"))
        .outerjoin(own, own.project_id == Job.project_id)
        .outerjoin(busy, and_(busy.c.project_id == Job.project_id, busy.c.kind == _kind(Job)))
        .where(due(), Job.stage.in_(stages), true() if condition is None else condition)
        .subquery()
    )
    chosen = select(ranked.c.id, ranked.c.published_at, ranked.c.rested).where(ranked.c.place <= ranked.c.room)
    return chosen.order_by(ranked.c.published_at.is_not(None), ranked.c.id)


def _pause() -> timedelta:
    return timedelta(seconds=max(1.0, settings().reaper_seconds))


def hold_back(session: Session, stages: tuple[Stage, ...]) -> None:
    """Note that the messages of queued jobs which may not run yet are spent.

    The scheduler, or the end of a job of the same project, sends new ones.
    """
    session.execute(_hold_back(stages))


@lru_cache
def _hold_back(stages: tuple[Stage, ...]) -> Update:
    spent = (Job.state == JobState.QUEUED) & Job.published_at.is_not(None) & Job.stage.in_(stages)
    waiting = free(select(Job.id).where(spent, ~and_(due(), has_room())))
    return update(Job).where(Job.id.in_(waiting)).values(published_at=None)


def held_back(session: Session, project_id: UUID, *, besides: Collection[UUID] = ()) -> list[UUID]:
    """Return a job of the project that was held back and may run now, if there is one.

    Args:
        besides: jobs that are published anyway.
    """
    values = {"of_project": project_id, "besides": list(besides)}
    return list(session.execute(_held_back(), values).scalars())


@lru_cache
def _held_back() -> Select[UUID]:
    others = Job.id.not_in(bindparam("besides", expanding=True))
    found = select(Job.id).where(Job.project_id == bindparam("of_project"), Job.published_at.is_(None), others)
    return found.where(due(), has_room()).order_by(Job.id).limit(1)
