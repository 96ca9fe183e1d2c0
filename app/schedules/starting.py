"""Starts the audits of recorded runs. A run, its audit and its jobs are one transaction."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from app.audits import service as audits
from app.audits.schemas import AuditCreate
from app.auth.scopes import Scope
from app.auth.subject import Subject
from app.db import moves
from app.db.models import Schedule, ScheduleRun, SkipReason, Trigger
from app.db.states import RunState
from app.db.transaction import committed
from app.errors import ProblemError
from app.kit.canonical import digest
from app.policies.repository import newest_release
from app.problem_types import problem_body
from app.schedules import failing, skipping

log = structlog.get_logger(__name__)
LOCK = {"key_share": True}
"""Locks a schedule without holding up requests for a run, whose rows refer to it."""
WAITING = frozenset({SkipReason.OVERLAP, SkipReason.QUOTA})
WAIT = timedelta(minutes=1)
SCOPES = frozenset({Scope.AUDITS_READ, Scope.AUDITS_WRITE})


async def start_next(engine: AsyncEngine | None = None, now: datetime | None = None) -> bool:
    """Start or skip the run that has been due longest. Returns False if there is none."""
    run_id: UUID | None = None
    try:
        async with committed(engine) as session:
            run = await _next(session, now or datetime.now(UTC))
            if run is None:
                return False
            run_id = run.id
            await _start(session, run, now or datetime.now(UTC))
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        log.exception("schedules.start_failed", run_id=str(run_id))
        detail = f"The service failed while it started this run ({type(error).__name__}). Its log has the details."
        await _fail(engine, run_id, problem_body("internal", detail))
    return True


async def _next(session: AsyncSession, now: datetime) -> ScheduleRun | None:
    statement = (
        select(ScheduleRun)
        .where(ScheduleRun.state == RunState.DUE, ScheduleRun.due_at <= now)
        .order_by(ScheduleRun.due_at, ScheduleRun.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    return (await session.execute(statement)).scalar_one_or_none()


async def _start(session: AsyncSession, run: ScheduleRun, now: datetime) -> None:
    schedule = await session.get_one(Schedule, run.schedule_id, with_for_update=LOCK)
    try:
        skip = await _decide(session, schedule, run, now)
    except ProblemError as error:
        problem = error.to_dict()
        moves.end_run(run, RunState.FAILED, at=now, problem=problem)
        await session.run_sync(failing.failed, schedule, run, problem)
        log.warning("schedules.run_failed", run_id=str(run.id), code=error.code)
        return
    if skip is not None and run.trigger == Trigger.SOURCE and skip.reason in WAITING:
        run.due_at = now + WAIT  # a new release is audited when there is room
    elif skip is not None:
        moves.skip_run(run, reason=skip.reason, detail=skip.detail, at=now)


async def _decide(session: AsyncSession, schedule: Schedule, run: ScheduleRun, now: datetime) -> skipping.Skip | None:
    """Start the audit, or return why it is not needed."""
    if (skip := await skipping.before_planning(session, schedule)) is not None:
        return skip
    release = await newest_release(session, schedule.target_id)
    if release is None:
        return skipping.NO_RELEASE
    subject = acting(schedule)
    request = AuditCreate.model_validate(schedule.audit | {"release_id": release.id})
    release_id, project_id = release.id, schedule.project_id
    _, plan = await audits.planned(session, subject, project_id, request)
    plan_digest = digest(plan.document())
    if (skip := await skipping.of_plan(session, schedule, run, release, plan_digest=plan_digest, now=now)) is not None:
        return skip
    audit_id = await _create(session, subject, project_id, request)
    await session.refresh(run)  # the service expires what the session holds
    moves.start_run(run, audit_id=audit_id, release_id=release_id)
    return None


async def _create(session: AsyncSession, subject: Subject, project_id: UUID, request: AuditCreate) -> UUID:
    """Create the audit. A rejected one leaves nothing behind."""
    async with session.begin_nested():
        return (await audits.create(session, subject, project_id, request)).id


def acting(schedule: Schedule) -> Subject:
    """Return the subject that the audit log and the audits name."""
    return Subject(schedule.id, f"schedule:{schedule.name}"[:100], schedule.project_id, SCOPES)


async def _fail(engine: AsyncEngine | None, run_id: UUID | None, problem: dict[str, object]) -> None:
    """Fail a run whose start raised an unexpected error. It would hold up the others."""
    if run_id is None:
        return
    async with committed(engine) as session:
        run = await session.get_one(ScheduleRun, run_id, with_for_update=True)
        schedule = await session.get_one(Schedule, run.schedule_id, with_for_update=LOCK)
        moves.end_run(run, RunState.FAILED, at=datetime.now(UTC), problem=problem)
        await session.run_sync(failing.failed, schedule, run, problem)
