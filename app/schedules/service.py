"""Creating, changing, pausing and deleting schedules, and asking for a run."""

from datetime import UTC, datetime, timedelta
from itertools import islice
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from app.audits import service as audits
from app.audits.schemas import AuditCreate
from app.auth import audit_log
from app.auth.scopes import Scope
from app.auth.subject import Subject
from app.datasets import repository as datasets
from app.db.models import Schedule, ScheduleRun, Trigger
from app.errors import ConflictError, NotFoundError
from app.kit.cursor import fetch_page
from app.kit.ids import public_id
from app.kit.listing import listed
from app.kit.unique import unique_violation
from app.policies.repository import newest_release
from app.schedules import cron, repository, schemas
from app.targets import repository as targets

PREVIEWED = 5
WHEN = {"cron", "timezone", "jitter_seconds"}
"""Fields that move the next run. Any other change keeps one that is due."""


async def create(
    session: AsyncSession, subject: Subject, project_id: UUID, body: schemas.ScheduleCreate
) -> schemas.Schedule:
    """Create a schedule. What an audit would reject now is rejected here."""
    subject.require(Scope.AUDITS_WRITE)
    cron.check(body.cron, body.timezone)
    target = await targets.get(session, subject, body.target_id)
    if target.project_id != project_id:
        raise NotFoundError("no_such_target", "There is no such target in this project.")
    await _check_audit(session, subject, project_id, target.id, body.audit)
    made = Schedule(
        project_id=project_id,
        created_by=subject.name[:100],
        audit=body.audit.stored(),
        next_at=None,
        **{name: getattr(body, name) for name in set(schemas.ScheduleCreate.model_fields) - {"audit"}},
    )
    async with unique_violation(session, _taken(body.name)):
        session.add(made)
        if made.active:
            made.next_at = datetime.now(UTC)
        await session.flush()
    await session.refresh(made)
    plan_next(made)
    await session.flush()
    await _log(session, subject, "schedule.created", made, _told(made))
    return document(made)


async def update(
    session: AsyncSession, subject: Subject, schedule_id: UUID, body: schemas.ScheduleUpdate
) -> schemas.Schedule:
    """Change a schedule. Runs that were recorded before stay as they are."""
    subject.require(Scope.AUDITS_WRITE)
    found = await repository.get(session, subject, schedule_id, lock=True)
    cron.check(body.cron or found.cron, body.timezone or found.timezone)
    if body.audit is not None:
        await _check_audit(session, subject, found.project_id, found.target_id, body.audit)
        found.audit = body.audit.stored()
    async with unique_violation(session, _taken(body.name or found.name)):
        for name in body.model_fields_set - {"audit"}:
            setattr(found, name, getattr(body, name))
        if body.model_fields_set & WHEN:
            plan_next(found)
        await session.flush()
    changed = {"changed": sorted(body.model_fields_set)}
    await _log(session, subject, "schedule.changed", found, _told(found) | changed)
    return document(found)


async def set_active(session: AsyncSession, subject: Subject, schedule_id: UUID, *, active: bool) -> schemas.Schedule:
    """Pause a schedule, or resume it from now on."""
    subject.require(Scope.AUDITS_WRITE)
    found = await repository.get(session, subject, schedule_id, lock=True)
    if found.active != active:
        if active:
            cron.check(found.cron, found.timezone)
        found.active, found.problem = active, None
        plan_next(found)
        await session.flush()
        await _log(session, subject, "schedule.resumed" if active else "schedule.paused", found, {})
    return document(found)


async def delete(session: AsyncSession, subject: Subject, schedule_id: UUID) -> None:
    """Delete a schedule and the list of its runs. Its audits stay."""
    subject.require(Scope.AUDITS_WRITE)
    found = await repository.get(session, subject, schedule_id, lock=True)
    await _log(session, subject, "schedule.deleted", found, {"name": found.name})
    await session.delete(found)


async def run_now(session: AsyncSession, subject: Subject, schedule_id: UUID) -> schemas.ScheduleRun:
    """Record a run that is due now. It runs even if nothing has changed."""
    subject.require(Scope.AUDITS_WRITE)
    found = await repository.get(session, subject, schedule_id)
    run = ScheduleRun(
        project_id=found.project_id, schedule_id=found.id, due_at=datetime.now(UTC), trigger=Trigger.MANUAL
    )
    session.add(run)
    await session.flush()
    await session.refresh(run)
    await _log(session, subject, "schedule.run_requested", found, {"run": public_id("run", run.id)})
    return schemas.ScheduleRun.model_validate(run)


async def page(
    session: AsyncSession, subject: Subject, project_id: UUID, asked: schemas.ScheduleQuery
) -> schemas.SchedulePage:
    """List the schedules of a project, newest first by default."""
    statement = repository.readable(subject).where(Schedule.project_id == project_id)
    rows, following = await listed(session, statement, repository.LISTING, asked)
    return schemas.SchedulePage(items=[document(row[0]) for row in rows], next_cursor=following)


async def runs(
    session: AsyncSession, subject: Subject, schedule_id: UUID, *, limit: int, cursor: str | None
) -> schemas.ScheduleRunPage:
    """List the runs of a schedule, latest due time first."""
    found = await repository.get(session, subject, schedule_id)
    statement = repository.readable_runs(subject).where(ScheduleRun.schedule_id == found.id)
    rows, following = await fetch_page(session, statement, repository.LATEST_FIRST, limit=limit, cursor=cursor)
    items = [schemas.ScheduleRun.model_validate(row[0]) for row in rows]
    return schemas.ScheduleRunPage(items=items, next_cursor=following)


def preview(expression: str, timezone: str, delay: timedelta = timedelta()) -> schemas.Preview:
    """Return the due times of an expression whose runs are still to come.

    Args:
        delay: of the runs, so that the first due time may have passed.
    """
    cron.check(expression, timezone)
    zone = ZoneInfo(timezone)
    due = islice(cron.after(expression, timezone, datetime.now(UTC) - delay), PREVIEWED)
    return schemas.Preview(
        cron=expression,
        reads=cron.explained(expression),
        timezone=timezone,
        times=[schemas.due_time(moment, moment.astimezone(zone)) for moment in due],
    )


def plan_next(schedule: Schedule) -> None:
    """Set the time of the next run, counted from now."""
    schedule.next_at = None
    if schedule.active:
        delay = cron.delay(schedule.id, schedule.jitter_seconds)
        due = next(cron.after(schedule.cron, schedule.timezone, datetime.now(UTC) - delay))
        schedule.next_at = due + delay


def document(schedule: Schedule) -> schemas.Schedule:
    """Return a schedule as the API shows it."""
    derived = {"reads", "delay_seconds"}
    columns = {name: getattr(schedule, name) for name in set(schemas.Schedule.model_fields) - derived}
    delay = cron.delay(schedule.id, schedule.jitter_seconds)
    return schemas.Schedule(**columns, reads=cron.explained(schedule.cron), delay_seconds=int(delay.total_seconds()))


async def _check_audit(
    session: AsyncSession, subject: Subject, project_id: UUID, target_id: UUID, audit: schemas.ScheduledAudit
) -> None:
    """Check the request against the newest release, or else that its data sets exist."""
    release = await newest_release(session, target_id)
    if release is not None:
        request = AuditCreate.model_validate(audit.stored() | {"release_id": release.id})
        await audits.planned(session, subject, project_id, request)
        return
    for dataset_id in (audit.public_dataset_id, audit.private_dataset_id, audit.gallery_dataset_id):
        if dataset_id is not None and (await datasets.get(session, subject, dataset_id)).project_id != project_id:
            raise NotFoundError("no_such_dataset", "There is no such data set in this project.")


def _taken(name: str) -> ConflictError:
    return ConflictError("name_taken", f"A schedule named {name!r} already exists.")


def _told(schedule: Schedule) -> dict[str, object]:
    """Return what the audit log keeps, with the declaration under which its audits run."""
    rights = schedule.audit["rights"]
    return {
        "name": schedule.name,
        "target": public_id("tgt", schedule.target_id),
        "cron": schedule.cron,
        "timezone": schedule.timezone,
        "declared_by": rights["declared_by"],
        "declaration": rights["statement"],
    }


async def _log(
    session: AsyncSession, subject: Subject, action: str, schedule: Schedule, details: dict[str, object]
) -> None:
    identifier = public_id("sch", schedule.id)
    await audit_log.write(session, subject, action, identifier, project_id=schedule.project_id, details=details)
