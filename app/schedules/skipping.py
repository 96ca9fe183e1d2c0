"""Decides whether a run is needed."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app import __version__
from app.contract.policy import Policy
from app.contract.result import Result
from app.db.models import Audit, Release, Schedule, ScheduleRun, SkipReason, Target, Trigger
from app.db.states import RunState
from app.kit.ids import public_id
from app.policies import gathering
from app.schedules import repository
from app.settings import settings


@dataclass(frozen=True)
class Skip:
    """A reason, and a sentence that explains it."""

    reason: SkipReason
    detail: str


NO_RELEASE = Skip(SkipReason.NO_RELEASE, "The target has no release that has passed its checks.")


async def before_planning(session: AsyncSession, schedule: Schedule) -> Skip | None:
    """Return why a run cannot start now, whatever its plan."""
    if (audit := await repository.running(session, schedule.id)) is not None:
        return _overlap(public_id("aud", audit))
    limit = settings().max_scheduled_audits
    started = select(func.count()).where(
        ScheduleRun.project_id == schedule.project_id, ScheduleRun.state == RunState.STARTED
    )
    if (await session.execute(started)).scalar_one() >= limit:
        return Skip(
            SkipReason.QUOTA,
            f"{limit} scheduled audits of this project are running, which is the limit. The operator can raise it "
            "with EXHUME_MAX_SCHEDULED_AUDITS.",
        )
    return None


async def of_plan(
    session: AsyncSession, schedule: Schedule, run: ScheduleRun, release: Release, *, plan_digest: str, now: datetime
) -> Skip | None:
    """Return why the audit of a release by this plan is not needed. A requested run is."""
    if (audit := await repository.unfinished(session, release.id, plan_digest)) is not None:
        return _overlap(public_id("aud", audit))
    if run.trigger == Trigger.MANUAL:
        return None
    last = await repository.last_result(session, release, plan_digest)
    if last is None or not await _same_engine(session, last):
        return None
    days = await _days(session, schedule)
    until = None if days is None or last.finished_at is None else last.finished_at + timedelta(days=days)
    if until is not None and until <= now:
        return None
    counts = "" if until is None else f" The verdict counts until {until:%Y-%m-%d %H:%M} UTC."
    return Skip(
        SkipReason.UNCHANGED,
        f"Release {release.version} has been audited by the same plan and engine as {public_id('aud', last.id)}."
        f"{counts}",
    )


async def _days(session: AsyncSession, schedule: Schedule) -> int | None:
    """Return for how many days a verdict counts, by the schedule and by the target's policy."""
    target = await session.get_one(Target, schedule.target_id)
    applied = await session.run_sync(gathering.version_for, target)
    freshness = None if applied is None else Policy.model_validate(applied[0].document).freshness
    limits = [schedule.repeat_after_days, freshness.days if freshness else None]
    return min((days for days in limits if days is not None), default=None)


async def _same_engine(session: AsyncSession, audit: Audit) -> bool:
    """Tell whether the result was made by this version of Exhume and by the newest engine."""
    code = Result.load(audit.result).code if audit.result is not None else None
    if code is None or code.exhume != __version__:
        return False
    return code.engine == await session.run_sync(gathering.newest_engine)


def _overlap(audit: str) -> Skip:
    return Skip(SkipReason.OVERLAP, f"{audit} is still running.")
