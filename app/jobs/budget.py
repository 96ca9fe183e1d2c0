"""Limits of a project on jobs, and what it uses of them. Without its own, the settings apply."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Float, Interval, Select, and_, cast, func, or_, select, type_coerce
from sqlalchemy.orm import Session

from app.db.models import Job, ProjectLimit
from app.db.states import FINISHED_JOB, JobState
from app.errors import TooManyRequestsError
from app.settings import settings

PROCESSOR = "cpu"
"""Kind of the device of a worker without a GPU."""
OPEN = [state for state in JobState if state not in FINISHED_JOB]


@dataclass(frozen=True)
class Limits:
    """The limits that are in force. Seconds are None without a limit."""

    weight: float
    running_jobs: int
    running_checks: int
    open_jobs: int
    stored_bytes: int
    requests_per_minute: int
    processor_seconds: int | None
    device_seconds: int | None


def limits_of(session: Session, project_id: UUID) -> Limits:
    """Return the limits of a project."""
    own, usual = session.get(ProjectLimit, project_id), settings()
    found = Limits(
        weight=1.0,
        running_jobs=usual.max_running_jobs,
        running_checks=usual.max_running_checks,
        open_jobs=usual.max_open_jobs,
        stored_bytes=usual.max_project_bytes,
        requests_per_minute=usual.max_requests_per_minute,
        processor_seconds=usual.max_processor_seconds,
        device_seconds=usual.max_device_seconds,
    )
    if own is None:
        return found
    values = {name: getattr(own, name) for name in Limits.__dataclass_fields__}
    return Limits(**{name: getattr(found, name) if value is None else value for name, value in values.items()})


def open_jobs(project_id: UUID) -> Select[int]:
    """Select the number of jobs that wait, are queued or run."""
    return select(func.count()).select_from(Job).where(Job.project_id == project_id, Job.state.in_(OPEN))


def ran_since(since: ColumnElement[datetime], job: type[Job] = Job) -> ColumnElement[bool]:
    """Return SQL for a job that a worker has run since this time, even if it began before."""
    return and_(job.started_at.is_not(None), or_(job.state == JobState.RUNNING, job.finished_at > since))


def time_since(since: ColumnElement[datetime], job: type[Job] = Job) -> ColumnElement[timedelta]:
    """Return SQL for how long a worker has run such a job since then."""
    end = func.coalesce(job.finished_at, func.statement_timestamp())
    return type_coerce(end - func.greatest(job.started_at, since), Interval)


def seconds_of(times: ColumnElement[timedelta]) -> ColumnElement[float]:
    """Return SQL for the sum of times in seconds. PostgreSQL adds times faster than numbers."""
    return cast(func.extract("epoch", func.sum(times)), Float)


def processor_seconds(project_id: UUID) -> Select[float]:
    """Select the seconds for which workers have run jobs of the project in this month."""
    month = func.date_trunc("month", func.statement_timestamp())
    total = func.coalesce(seconds_of(time_since(month)), 0.0)
    return select(total).where(Job.project_id == project_id, ran_since(month))


def device_seconds(project_id: UUID) -> Select[float]:
    """Select the seconds of this month for which workers with a GPU have run its jobs."""
    return processor_seconds(project_id).where(Job.device != PROCESSOR)


def check_jobs(session: Session, project_id: UUID, more: int) -> None:
    """Raise `TooManyRequestsError` unless the project may start an audit of `more` jobs."""
    limits = limits_of(session, project_id)
    found = session.execute(open_jobs(project_id)).scalar_one()
    if found + more > limits.open_jobs:
        raise TooManyRequestsError(
            "too_many_jobs",
            f"The project has {found:,} unfinished jobs, and this audit has {more:,}. The limit is "
            f"{limits.open_jobs:,}. Wait for an audit to end, or cancel one.",
        )
    _check_seconds(session, limits.processor_seconds, processor_seconds(project_id), "workers")
    _check_seconds(session, limits.device_seconds, device_seconds(project_id), "workers with a GPU")


def _check_seconds(session: Session, limit: int | None, statement: Select[float], whose: str) -> None:
    if limit is None:
        return
    used = session.execute(statement).scalar_one()
    if used >= limit:
        raise TooManyRequestsError(
            "budget_spent",
            f"Audits and checks of the project have used {used:,.0f} of {limit:,} seconds of {whose} in this month. "
            "Ask the operator for more, or wait for the next month.",
        )
