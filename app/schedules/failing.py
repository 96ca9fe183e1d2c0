"""Events about schedules that fail."""

from typing import Any

from sqlalchemy.orm import Session

from app.db.models import Notification, Schedule, ScheduleRun
from app.kit.ids import public_id


def failed(session: Session, schedule: Schedule, run: ScheduleRun, problem: dict[str, Any] | None) -> None:
    """Count a failed run. The first one after a success is an event."""
    schedule.failures += 1
    if schedule.failures == 1:
        tell(session, schedule, problem, run)


def tell(session: Session, schedule: Schedule, problem: dict[str, Any] | None, run: ScheduleRun | None = None) -> None:
    """Add the event `schedule.failing`, in the transaction of its cause."""
    payload = {
        "schedule": public_id("sch", schedule.id),
        "name": schedule.name,
        "target": public_id("tgt", schedule.target_id),
        "problem": {"code": problem["code"], "detail": problem["detail"]} if problem else None,
        "run": public_id("run", run.id) if run else None,
        "audit": public_id("aud", run.audit_id) if run and run.audit_id else None,
    }
    session.add(Notification(project_id=schedule.project_id, kind="schedule.failing", payload=payload))
