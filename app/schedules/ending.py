"""Records how the audits that schedules started have ended, and forgets old skipped runs."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.db import moves
from app.db.models import Audit, Schedule, ScheduleRun
from app.db.states import FINISHED_AUDIT, AuditState, RunState
from app.schedules import failing

BATCH = 200
KEPT = timedelta(days=90)
ENDS = {
    AuditState.SUCCEEDED: RunState.SUCCEEDED,
    AuditState.FAILED: RunState.FAILED,
    AuditState.CANCELLED: RunState.CANCELLED,
}


def settle(session: Session, now: datetime) -> int:
    """End the runs whose audit has finished. Returns their number."""
    statement = (
        select(ScheduleRun, Schedule, Audit.state, Audit.problem)
        .join(Schedule, Schedule.id == ScheduleRun.schedule_id)
        .join(Audit, Audit.id == ScheduleRun.audit_id)
        .where(ScheduleRun.state == RunState.STARTED, Audit.state.in_([state.value for state in FINISHED_AUDIT]))
        .limit(BATCH)
        .with_for_update(of=(ScheduleRun, Schedule), skip_locked=True)
    )
    rows: Any = session.execute(statement).all()
    for run, schedule, state, problem in rows:
        end = ENDS[AuditState(state)]
        moves.end_run(run, end, at=now, problem=problem if end is RunState.FAILED else None)
        if end is RunState.SUCCEEDED:
            schedule.failures = 0
        elif end is RunState.FAILED:
            failing.failed(session, schedule, run, problem)
    return len(rows)


def forget(session: Session, now: datetime) -> None:
    """Delete skipped runs after `KEPT`. Runs that started an audit are kept."""
    skipped = ScheduleRun.state == RunState.SKIPPED
    session.execute(delete(ScheduleRun).where(skipped, ScheduleRun.finished_at < now - KEPT))
