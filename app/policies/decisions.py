"""Reading decisions, and making the one that is asked for."""

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlalchemy.ext.asyncio import AsyncSession

from app.audits import repository as audits
from app.auth.subject import Subject
from app.db.models import Decision
from app.kit.cursor import fetch_page
from app.policies import decision_schemas as schemas
from app.policies import repository
from app.policies.recording import current


async def of_audit(session: AsyncSession, subject: Subject, audit_id: UUID) -> schemas.StoredDecision:
    """Return the current decision about an audit, and make it if there is none."""
    audit = await audits.get(session, subject, audit_id)
    return document(await session.run_sync(current, audit.id, subject, now=datetime.now(UTC)))


async def get(session: AsyncSession, subject: Subject, decision_id: UUID) -> schemas.StoredDecision:
    """Return a decision."""
    return document(await repository.get_decision(session, subject, decision_id))


async def page(
    session: AsyncSession, subject: Subject, where: ColumnElement[bool], *, limit: int, cursor: str | None
) -> schemas.DecisionPage:
    """List decisions, newest first."""
    statement = repository.readable_decisions(subject).where(where)
    rows, following = await fetch_page(session, statement, repository.NEWEST_DECISION_FIRST, limit=limit, cursor=cursor)
    return schemas.DecisionPage(items=[document(row[0]) for row in rows], next_cursor=following)


def document(row: Decision) -> schemas.StoredDecision:
    """Return a stored decision as the API shows it."""
    own = ("id", "number", "cause", "audit_id", "target_id", "release_id", "created_at")
    return schemas.StoredDecision.model_validate({**row.document, **{name: getattr(row, name) for name in own}})
