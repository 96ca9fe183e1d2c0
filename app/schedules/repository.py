"""Queries over schedules, their runs, and the releases and audits that decide about a run."""

from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.scopes import Scope
from app.auth.subject import Subject, within
from app.db.models import Audit, Release, Schedule, ScheduleRun
from app.db.states import FINISHED_AUDIT, AuditState, RunState
from app.errors import NotFoundError
from app.kit.cursor import Keyset
from app.kit.listing import Listing, equals, text_of

LISTING = Listing(
    Schedule.id,
    sorts={"created_at": Schedule.created_at, "name": Schedule.name, "next_at": Schedule.next_at},
    search=text_of(Schedule.name, Schedule.cron, Schedule.created_by),
    prefix="sch",
    filters={"target_id": equals(Schedule.target_id), "active": equals(Schedule.active)},
)
LATEST_FIRST = Keyset((ScheduleRun.due_at.expression, ScheduleRun.id.expression), descending=True)


def readable(subject: Subject) -> Select[Schedule]:
    """Select the schedules that the subject may see."""
    subject.require(Scope.AUDITS_READ)
    return within(select(Schedule), Schedule.project_id, subject)


def readable_runs(subject: Subject) -> Select[ScheduleRun]:
    """Select the runs that the subject may see."""
    subject.require(Scope.AUDITS_READ)
    return within(select(ScheduleRun), ScheduleRun.project_id, subject)


async def get(session: AsyncSession, subject: Subject, schedule_id: UUID, *, lock: bool = False) -> Schedule:
    """Return a schedule. Raises: NotFoundError if there is none that the subject may see."""
    statement = readable(subject).where(Schedule.id == schedule_id)
    if lock:
        statement = statement.with_for_update()
    found = (await session.execute(statement)).scalar_one_or_none()
    if found is None:
        raise NotFoundError("no_such_schedule", "There is no such schedule.")
    return found


async def running(session: AsyncSession, schedule_id: UUID) -> UUID | None:
    """Return an audit of the schedule that has not finished."""
    statement = select(ScheduleRun.audit_id).where(
        ScheduleRun.schedule_id == schedule_id, ScheduleRun.state == RunState.STARTED
    )
    return (await session.execute(statement.limit(1))).scalar_one_or_none()


async def unfinished(session: AsyncSession, release_id: UUID, plan_digest: str) -> UUID | None:
    """Return an audit of this release by this plan that has not finished."""
    statement = select(Audit.id).where(
        Audit.release_id == release_id,
        Audit.plan_digest == plan_digest,
        Audit.state.not_in([state.value for state in FINISHED_AUDIT]),
    )
    return (await session.execute(statement.limit(1))).scalar_one_or_none()


async def last_result(session: AsyncSession, release: Release, plan_digest: str) -> Audit | None:
    """Return the newest audit with a result for this checkpoint, in its target, by this plan."""
    statement = (
        select(Audit)
        .join(Release, Release.id == Audit.release_id)
        .where(
            Release.target_id == release.target_id,
            Release.sha256 == release.sha256 if release.sha256 else Release.id == release.id,
            Audit.plan_digest == plan_digest,
            Audit.state == AuditState.SUCCEEDED,
            Audit.result.is_not(None),
        )
        .order_by(Audit.finished_at.desc().nulls_last(), Audit.id.desc())
        .limit(1)
    )
    return (await session.execute(statement)).scalar_one_or_none()
