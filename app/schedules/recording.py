"""Records the runs of schedules that are due, each due time once."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.db import moves
from app.db.models import CatchUp, Schedule, ScheduleRun, SkipReason, Trigger
from app.errors import ProblemError
from app.schedules import cron
from app.schedules.failing import tell

log = structlog.get_logger(__name__)

BATCH = 500
LATE = timedelta(minutes=10)
"""A run that is recorded later than this was missed."""


def record_due(session: Session, now: datetime) -> int:
    """Record the runs of up to `BATCH` due schedules. Returns the number of schedules."""
    statement = (
        select(Schedule)
        .where(Schedule.active, Schedule.next_at <= now)
        .order_by(Schedule.next_at)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    due = session.execute(statement).scalars().all()
    runs = [run for schedule in due if (run := _advance(session, schedule, now)) is not None]
    if runs:
        made = insert(ScheduleRun).on_conflict_do_nothing().returning(ScheduleRun.schedule_id)
        recorded = session.execute(made, runs).scalars().all()
        log.info("schedules.recorded", runs=len(recorded))
    _skip_missed(session, due, now)
    return len(due)


def _advance(session: Session, schedule: Schedule, now: datetime) -> dict[str, Any] | None:
    """Set the next time of a due schedule. Returns the columns of its run.

    A schedule whose zone or expression is no longer valid is paused.
    """
    assert schedule.next_at is not None
    delay = cron.delay(schedule.id, schedule.jitter_seconds)
    first = schedule.next_at - delay
    try:
        cron.check(schedule.cron, schedule.timezone)
        due, missed = cron.latest(schedule.cron, schedule.timezone, first, now - delay)
    except ProblemError as error:
        schedule.active, schedule.next_at, schedule.problem = False, None, error.to_dict()
        tell(session, schedule, schedule.problem)
        return None
    schedule.next_at = next(cron.after(schedule.cron, schedule.timezone, due)) + delay
    schedule.last_due_at = due
    return {
        "project_id": schedule.project_id,
        "schedule_id": schedule.id,
        "due_at": due,
        "trigger": Trigger.CRON,
        "missed": missed,
    }


def _skip_missed(session: Session, due: Any, now: datetime) -> None:
    """Skip the late runs of schedules that do not catch up."""
    late: dict[UUID, datetime] = {
        one.id: one.last_due_at
        for one in due
        if one.catch_up == CatchUp.NONE
        and one.last_due_at is not None
        and now - one.last_due_at - cron.delay(one.id, one.jitter_seconds) > LATE
    }
    if not late:
        return
    statement = select(ScheduleRun).where(ScheduleRun.schedule_id.in_(late), ScheduleRun.due_at.in_(late.values()))
    for run in session.execute(statement).scalars():
        if run.due_at == late[run.schedule_id] and run.reason is None:
            detail = "The service was not running when this run was due, and the schedule does not catch up."
            moves.skip_run(run, reason=SkipReason.MISSED, detail=detail, at=now)


def replan(session: Session, now: datetime) -> int:
    """Compute future times again, because the time-zone data may have changed.

    Returns the number of schedules whose next time moved. A due time that has passed is kept, so
    that its run is recorded.
    """
    moved = 0
    statement = select(Schedule).where(Schedule.active, Schedule.next_at > now).with_for_update(skip_locked=True)
    for schedule in session.execute(statement).scalars():
        delay = cron.delay(schedule.id, schedule.jitter_seconds)
        following = next(cron.after(schedule.cron, schedule.timezone, now - delay)) + delay
        if following != schedule.next_at:
            schedule.next_at = following
            moved += 1
    if moved:
        log.info("schedules.replanned", moved=moved)
    return moved
