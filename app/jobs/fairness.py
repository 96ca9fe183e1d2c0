"""Which job is next: the oldest of the project that used the least worker time for its weight.

A message of the broker only means that some job of its queue may be ready, so the order of
messages does not matter. Claims of a project take turns by an advisory lock, so it does not exceed
its limits.

A process builds each statement once, because building one takes longer than PostgreSQL needs to
run it. Values that differ from one execution to the next are parameters.
"""

from collections.abc import Callable, Collection, Iterable
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
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from app.db.models import Job, ProjectLimit
from app.db.round_trip import together
from app.db.states import JobState
from app.jobs.budget import seconds_of, time_since
from app.jobs.stages import AUDIT_STAGES, Stage
from app.settings import settings

CLAIMS = 0x6578636C  # "excl": the advisory locks of claims, one for each project
RECENT = timedelta(hours=1)
"""Work older than this no longer counts against a project."""
MOST_COUNTED = 500
"""Finished jobs that count, the newest. A large fleet ends more in an hour, and a claim must not
read all of them."""
Column = ColumnElement[str] | InstrumentedAttribute[str]
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
    return and_(is_queued(), Job.attempt < Job.max_attempts, rested)


@lru_cache
def has_room() -> ColumnElement[bool]:
    """Return SQL for a job whose project may run one more of its kind.

    Kinds are stages of audits, checks of files, and imports. The projects without room are found
    once for a statement, not once for each of its jobs.
    """
    return tuple_(Job.project_id, _kind(Job.stage)).not_in(_full())


def _full() -> Select[UUID, str]:
    own, busy = aliased(ProjectLimit), _busy()
    full = select(busy.c.project_id, busy.c.kind).outerjoin(own, own.project_id == busy.c.project_id)
    return full.where(busy.c.jobs >= _limit(busy.c.kind, own))


def _busy() -> Subquery:
    """Select the number of running jobs by project and kind."""
    other = aliased(Job)
    kinds = (other.project_id, _kind(other.stage).label("kind"))
    return select(*kinds, func.count().label("jobs")).where(is_running(other)).group_by(*kinds).subquery()


@lru_cache
def has_room_now() -> ColumnElement[bool]:
    """Return SQL like `has_room` for a single job. It reads the running jobs of its project."""
    other, own, kind = aliased(Job), aliased(ProjectLimit), _kind(Job.stage)
    beside = select(func.count()).where(is_running(other), other.project_id == Job.project_id)
    one = select(literal(1).label("row")).subquery()
    limit = select(_limit(kind, own)).select_from(one).outerjoin(own, own.project_id == Job.project_id)
    return beside.where(_kind(other.stage) == kind).scalar_subquery() < limit.scalar_subquery()


def is_running(job: type[Job] = Job) -> ColumnElement[bool]:
    """Return SQL for a running job, worded as in a partial index, so that PostgreSQL uses it."""
    return _is(job.state, JobState.RUNNING)


def is_queued(job: type[Job] = Job, *, audits: bool | None = None) -> ColumnElement[bool]:
    """Return SQL for a queued job, worded as in a partial index, so that PostgreSQL uses it.

    Args:
        audits: whether it belongs to an audit. None: either.
    """
    queued = _is(job.state, JobState.QUEUED)
    if audits is None:
        return queued
    return and_(queued, job.audit_id.is_not(None) if audits else job.audit_id.is_(None))


def _is(state: InstrumentedAttribute[JobState], one: JobState) -> ColumnElement[bool]:
    """Return SQL without a parameter: with one, PostgreSQL may not use a partial index."""
    return state == literal_column(f"'{one}'")


def is_one_of(stage: Column, stages: Iterable[Stage]) -> ColumnElement[bool]:
    """Return SQL without parameters: a list of them would be built anew at each execution."""
    return stage.in_([literal_column(f"'{one}'") for one in stages])


def _limit(kind: ColumnElement[str], own: type[ProjectLimit]) -> ColumnElement[int]:
    """Return SQL for the number of jobs of this kind that the project may have running."""
    checks = _setting("max_running_checks", lambda: settings().max_running_checks)
    return case((kind == "audit", _limit_of_audits(own)), else_=func.coalesce(own.running_checks, checks))


def _limit_of_audits(own: type[ProjectLimit]) -> ColumnElement[int]:
    return func.coalesce(own.running_jobs, _setting("max_running_jobs", lambda: settings().max_running_jobs))


def _kind(stage: Column) -> ColumnElement[str]:
    return case(
        (is_one_of(stage, (Stage.FETCH,)), literal("fetch", String)),
        (is_one_of(stage, AUDIT_STAGES), literal("audit", String)),
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

    Reads the oldest job of each project that has one in the queue, however long the queue is, and
    the running jobs of these projects once.
    """
    own, audits = aliased(ProjectLimit), set(stages) <= set(AUDIT_STAGES)
    waiting = _waiting(audits)
    first = _first(waiting, stages, audits, true() if condition is None else condition)
    now = aliased(Job)
    running = select(func.count().label("jobs"), seconds_of(time_since(_recently(), now)).label("seconds"))
    of_stages = (is_running(now), is_one_of(now.stage, stages))
    beside = running.where(now.project_id == first.c.project_id, *of_stages).lateral()
    several = select(func.count()).select_from(waiting).scalar_subquery() > 1  # one alone shares with nobody
    ended = _ended(stages, several)
    used = func.coalesce(beside.c.seconds, 0) + func.coalesce(ended.c.seconds, 0)
    return (
        select(first.c.id)
        .select_from(first)
        .outerjoin(own, own.project_id == first.c.project_id)
        .join(beside, beside.c.jobs < _limit_of_audits(own) if audits else true())
        .outerjoin(ended, ended.c.project_id == first.c.project_id)
        .where(first.c.id.is_not(None))
        .order_by(used / func.coalesce(own.weight, 1.0), first.c.id)
        .limit(1)
    )


def _first(waiting: CTE, stages: tuple[Stage, ...], audits: bool, condition: ColumnElement[bool]) -> CTE:
    """Select the oldest job that may run of each of these projects: nearly always its oldest."""
    may = (due(), is_one_of(Job.stage, stages), condition, true() if audits else has_room())
    project = waiting.c.project_id
    oldest = select(Job.id).where(Job.id == waiting.c.job_id, *may)
    # Many stages have ended: a range and this order keep PostgreSQL from the index by id.
    same = Job.project_id.between(project, project) if audits else Job.project_id == project
    later = select(Job.id).where(same, is_queued(audits=audits), *may).order_by(Job.project_id, Job.id).limit(1)
    either = func.coalesce(oldest.scalar_subquery(), later.scalar_subquery())
    return select(project, either.label("id")).cte("first").prefix_with("MATERIALIZED")


def used_lately(session: Session, stages: tuple[Stage, ...]) -> dict[UUID, float]:
    """Return the seconds for which workers have run jobs of these stages lately, by project."""
    now, ended = aliased(Job), _ended(stages)
    running = select(now.project_id, seconds_of(time_since(_recently(), now)).label("seconds"))
    running = running.where(is_running(now), is_one_of(now.stage, stages)).group_by(now.project_id)
    both = union_all(ended.select(), running).subquery()
    used = select(both.c.project_id, func.sum(both.c.seconds)).group_by(both.c.project_id)
    return {owner: float(seconds or 0.0) for owner, seconds in session.execute(used)}


def _recently() -> ColumnElement[datetime]:
    return func.statement_timestamp() - RECENT


def _ended(stages: tuple[Stage, ...], condition: ColumnElement[bool] | None = None) -> Subquery:
    """Select the seconds of the newest jobs of these stages that have ended, by project."""
    other = aliased(Job)
    newest = (
        select(other.project_id, time_since(_recently(), other).label("time"))
        .where(other.finished_at > _recently(), other.started_at.is_not(None), is_one_of(other.stage, stages))
        .where(true() if condition is None else condition)
        .order_by(other.finished_at.desc())
        .limit(MOST_COUNTED)
        .subquery()
    )
    seconds = seconds_of(newest.c.time).label("seconds")
    return select(newest.c.project_id, seconds).group_by(newest.c.project_id).subquery()


def _waiting(audits: bool) -> CTE:
    """Select the projects with queued jobs, and the oldest job of each: one index look-up each."""
    oldest = select(Job.project_id, Job.id.label("job_id")).where(is_queued(audits=audits))
    oldest = oldest.order_by(Job.project_id, Job.id).limit(1)
    found = oldest.subquery().select().cte("waiting", recursive=True)
    following = oldest.where(Job.project_id > found.c.project_id).lateral()
    return found.union_all(select(following).select_from(found).join(following, true()))


def free(jobs: Select[UUID]) -> Select[UUID]:
    """Lock these jobs, except those that another transaction has locked.

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
    own, busy = aliased(ProjectLimit), _busy()
    sent, now = Job.published_at.is_not(None), func.statement_timestamp()
    pause = bindparam("pause", callable_=_pause, type_=Interval)
    rested = case((sent, Job.published_at < now - pause), else_=Job.created_at < now - timedelta(seconds=1))
    place = func.row_number().over(partition_by=[Job.project_id, _kind(Job.stage)], order_by=(sent, Job.id))
    room = _limit(_kind(Job.stage), own) - func.coalesce(busy.c.jobs, 0)
    ranked = (
        select(Job.id, Job.published_at, rested.label("rested"), place.label("place"), room.label("room"))
        .outerjoin(own, own.project_id == Job.project_id)
        .outerjoin(busy, and_(busy.c.project_id == Job.project_id, busy.c.kind == _kind(Job.stage)))
        .where(due(), is_one_of(Job.stage, stages), true() if condition is None else condition)
        .subquery()
    )
    chosen = select(ranked.c.id, ranked.c.published_at, ranked.c.rested).where(ranked.c.place <= ranked.c.room)
    return chosen.order_by(ranked.c.published_at.is_not(None), ranked.c.id)


def _pause() -> timedelta:
    return timedelta(seconds=max(1.0, settings().reaper_seconds))


def hold_back(session: Session, stages: tuple[Stage, ...]) -> None:
    """Record that queued jobs which may not run yet have no message any more.

    The scheduler, or the end of a job of the same project, sends new ones.
    """
    session.execute(_hold_back(stages))


@lru_cache
def _hold_back(stages: tuple[Stage, ...]) -> Update:
    spent = is_queued() & Job.published_at.is_not(None) & is_one_of(Job.stage, stages)
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
    project = bindparam("of_project", type_=Uuid)
    # a range and this order, as in `_first`
    found = select(Job.id).where(Job.project_id.between(project, project), is_queued(), Job.published_at.is_(None))
    return found.where(others, due(), has_room()).order_by(Job.project_id, Job.id).limit(1)
