"""Queries over releases."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, func, literal, literal_column, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from app.auth.scopes import Scope
from app.auth.subject import Subject, within
from app.db.models import Audit, Release, Target
from app.db.states import AuditState, IntakeState
from app.errors import NotFoundError
from app.kit.listing import Listing, equals, given, one_of, text_of

LISTING = Listing(
    Release.id,
    sorts={
        "created_at": Release.created_at,
        "version": Release.version,
        "target": Target.name,
        "size": Release.size_bytes,
    },
    search=text_of(Target.name, Release.version, Release.architecture, Release.sha256),
    prefix="rel",
    filters={"state": one_of(Release.state), "target_id": equals(Release.target_id), "twin": given(Release.twin_of)},
)

COLUMNS = (
    *("id", "project_id", "target_id", "version", "architecture", "hyperparameters", "convention", "classes_are"),
    *("class_order_confirmed", "state", "problem", "sha256", "size_bytes", "original", "original_until", "twin_of"),
    *("signature", "origin", "created_at"),
)
AUDIT = ("id", "verdict", "risk", "risk_low", "risk_high", "finished_at")
"""Columns of the newest audit of a release. `budget` is added from its plan."""


def readable(subject: Subject) -> Select[Release, str]:
    """Select the releases that the subject may see, each with its target's name."""
    statement = select(Release, Target.name).join(Target, Target.id == Release.target_id)
    return within(statement, Release.project_id, subject)


def summaries(subject: Subject) -> Select[*tuple[Any, ...]]:
    """Select the columns of lists. The names of classes stay in the database."""
    newest = newest_audit(Release.id).lateral("newest_audit")
    statement = readable(subject).outerjoin(newest, literal(Scope.AUDITS_READ in subject.scopes))
    return statement.with_only_columns(
        *(getattr(Release, name) for name in COLUMNS),
        Target.name.label("target_name"),
        func.jsonb_array_length(Release.classes).label("class_count"),
        case((func.jsonb_typeof(Release.replaced) == "array", func.jsonb_array_length(Release.replaced))).label(
            "replaced_count"
        ),
        *(column.label(f"audit_{column.key}") for column in newest.c),
    )


def newest_audit(release_id: ColumnElement[UUID] | InstrumentedAttribute[UUID] | UUID) -> Select[*tuple[Any, ...]]:
    """Select the newest audit of a release that has a result. Replays do not count."""
    return (
        select(*(getattr(Audit, name) for name in AUDIT), Audit.plan["budget"].as_float().label("budget"))
        .where(Audit.release_id == release_id, Audit.replay_of.is_(None), Audit.state == AuditState.SUCCEEDED)
        .order_by(func.timezone(literal_column("'UTC'"), Audit.created_at).desc(), Audit.id.desc())
        .limit(1)
    )


async def newest_twin(session: AsyncSession, release: Release) -> Release | None:
    """Return the newest twin of a release that has passed its checks."""
    statement = (
        select(Release)
        .where(Release.twin_of == release.id, Release.state == IntakeState.READY)
        .order_by(Release.created_at.desc(), Release.id.desc())
        .limit(1)
    )
    return (await session.execute(statement)).scalar_one_or_none()


async def get(session: AsyncSession, subject: Subject, release_id: UUID, *, lock: bool = False) -> tuple[Release, str]:
    """Return a release with its target's name.

    Raises: NotFoundError if it does not exist or the subject may not see it.
    """
    statement = readable(subject).where(Release.id == release_id)
    if lock:
        statement = statement.with_for_update(of=Release)
    found = (await session.execute(statement, execution_options={"populate_existing": lock})).one_or_none()
    if found is None:
        raise NotFoundError("no_such_release", "There is no such release.")
    return found[0], found[1]
