"""Queries of the overview: a few releases of every target, whatever the number of audits."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, and_, case, func, literal, literal_column, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from app.auth.subject import Subject, within
from app.db.models import Audit, Decision, Release, Schedule, Source, Target, Waiver
from app.db.states import AuditState

TARGETS = 200
RELEASES = 12
NEEDS = 50
SOON = timedelta(days=7)


async def lines(session: AsyncSession, subject: Subject, project_id: UUID) -> list[Row[*tuple[Any, ...]]]:
    """Return a row for each of the newest releases of each target."""
    newest = select(Release.created_at).where(Release.target_id == Target.id, Release.twin_of.is_(None))
    newest = newest.order_by(Release.created_at.desc()).limit(1)
    chosen = within(select(Target.id, Target.name), Target.project_id, subject).where(Target.project_id == project_id)
    last = func.coalesce(newest.scalar_subquery(), Target.created_at)
    targets = chosen.add_columns(last.label("newest")).order_by(last.desc(), Target.id).limit(TARGETS).cte("line")
    release = (
        select(Release.id, Release.version, Release.state, Release.created_at)
        .where(Release.target_id == targets.c.id, Release.twin_of.is_(None))
        .order_by(Release.created_at.desc(), Release.id.desc())
        .limit(RELEASES)
        .lateral("release_of")
    )
    own = select(Audit.id, Audit.state).where(Audit.release_id == release.c.id, Audit.replay_of.is_(None))
    own = own.order_by(func.timezone(literal_column("'UTC'"), Audit.created_at).desc(), Audit.id.desc()).limit(1)
    last_audit = own.add_columns(Audit.finished_at).lateral("last_audit")
    audit = (
        own.add_columns(Audit.verdict, Audit.risk, Audit.risk_low, Audit.risk_high, Audit.finished_at)
        .add_columns(Audit.plan["budget"].as_float().label("budget"))
        .where(Audit.state == AuditState.SUCCEEDED)
        .lateral("audit_of")
    )
    rules = Decision.document["rules"]
    decision = (
        select(Decision.id, Decision.outcome, Decision.document["next_step"].as_string().label("next_step"))
        .add_columns(
            or_(*(rules.contains([{"id": "EXH006", "outcome": one}]) for one in ("fail", "warn"))).label("worse")
        )
        .add_columns(Decision.created_at)
        .where(Decision.release_id == release.c.id)
        .order_by(Decision.created_at.desc(), Decision.id.desc())
        .limit(1)
        .lateral("decision_of")
    )
    statement = (
        select(
            *(targets.c.id.label("target_id"), targets.c.name),
            *(column.label(f"release_{column.key}") for column in release.c),
            *(column.label(f"audit_{column.key}") for column in audit.c),
            *(column.label(f"last_{column.key}") for column in last_audit.c),
            *(column.label(f"decision_{column.key}") for column in decision.c),
        )
        .select_from(targets)
        .outerjoin(release, true())
        .outerjoin(audit, true())
        .outerjoin(last_audit, true())
        .outerjoin(decision, true())
        .order_by(targets.c.newest.desc(), targets.c.id, release.c.created_at.desc(), release.c.id.desc())
    )
    return list((await session.execute(statement)).all())


async def target_count(session: AsyncSession, subject: Subject, project_id: UUID) -> int:
    """Return the number of targets."""
    statement = within(select(func.count()), Target.project_id, subject).where(Target.project_id == project_id)
    return int((await session.execute(statement)).scalar_one())


async def waiting(
    session: AsyncSession, subject: Subject, project_id: UUID, now: datetime
) -> list[Row[*tuple[Any, ...]]]:
    """Return what waits or fails outside of releases, as the columns of a need."""
    asked = (
        select(
            literal("waiver_asked").label("kind"),
            Waiver.id,
            (Target.name + " " + Release.version).label("name"),
            Waiver.target_id,
            Waiver.reason.label("detail"),
            Waiver.created_at.label("at"),
        )
        .join(Target, Target.id == Waiver.target_id)
        .join(Release, Release.id == Waiver.release_id)
        .where(Waiver.project_id == project_id, Waiver.approved_at.is_(None), Waiver.ended_at.is_(None))
        .where(Waiver.expires_at > now)
    )
    statements = (
        within(asked, Waiver.project_id, subject),
        _failing("schedule_failing", Schedule, Schedule.last_due_at, subject, project_id),
        _failing("source_failing", Source, Source.checked_at, subject, project_id),
    )
    found: list[Row[*tuple[Any, ...]]] = []
    for statement in statements:
        found += (await session.execute(statement.order_by(literal_column("at").desc()).limit(NEEDS))).all()
    return found


def _failing(
    kind: str,
    row: type[Schedule] | type[Source],
    since: InstrumentedAttribute[datetime | None],
    subject: Subject,
    project_id: UUID,
) -> Select[*tuple[Any, ...]]:
    statement: Select[*tuple[Any, ...]] = select(
        literal(kind).label("kind"),
        row.id,
        row.name.label("name"),
        row.target_id,
        row.problem["detail"].as_string().label("detail"),
        func.coalesce(since, row.created_at).label("at"),
    ).where(row.project_id == project_id, row.active, row.problem.is_not(None))
    return within(statement, row.project_id, subject)


async def pictures(
    session: AsyncSession, subject: Subject, project_id: UUID, now: datetime
) -> tuple[int, datetime | None, UUID | None]:
    """Return the number of audits whose pictures are deleted soon, and the first of them."""
    statement = within(select(Audit.id, Audit.delete_images_at), Audit.project_id, subject).where(
        and_(Audit.project_id == project_id, Audit.images_deleted_at.is_(None), Audit.frozen_at.is_not(None)),
        Audit.delete_images_at <= now + SOON,
    )
    soon = statement.subquery()
    first = case((soon.c.delete_images_at == func.min(soon.c.delete_images_at).over(), soon.c.id))
    ranked = select(func.count().over(), soon.c.delete_images_at, first).order_by(soon.c.delete_images_at).limit(1)
    row = (await session.execute(ranked)).one_or_none()
    return (0, None, None) if row is None else (row[0], row[1], row[2])
