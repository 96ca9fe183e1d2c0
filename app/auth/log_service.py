"""Reading and verifying the audit log."""

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Text, cast, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth import schemas
from app.auth.audit_log import follows, in_chain
from app.auth.log_chain import GENESIS
from app.auth.scopes import Scope
from app.auth.subject import Subject, within
from app.db.models import AuditLogEntry
from app.kit.listing import Listing, before, equals, listed, since, text_of

ENTRIES_AT_ONCE = 1000
LISTING = Listing(
    AuditLogEntry.seq,
    sorts={"seq": AuditLogEntry.seq},
    search=text_of(AuditLogEntry.actor, AuditLogEntry.action, AuditLogEntry.subject, cast(AuditLogEntry.details, Text)),
    filters={
        "actor": equals(AuditLogEntry.actor),
        "actor_kind": equals(AuditLogEntry.actor_kind),
        "action": lambda actions: or_(*(_of_action(one) for one in actions)),
        "subject": equals(AuditLogEntry.subject),
        "since": since(AuditLogEntry.at),
        "until": before(AuditLogEntry.at),
    },
)
ACTOR = ("actor", "actor_kind", "person_id", "key_id")
COLUMNS = ("seq", "at", *ACTOR, "action", "subject", "details", "request_id", "address")


def _of_action(action: str) -> ColumnElement[bool]:
    """Return the condition on an action, or on all of a noun where it ends in a full stop."""
    if action.endswith("."):
        return AuditLogEntry.action.startswith(action, autoescape=True)
    return AuditLogEntry.action == action


def readable(subject: Subject) -> Select[AuditLogEntry]:
    """Select the entries that the subject may see."""
    subject.require(Scope.LOG_READ)
    return within(select(AuditLogEntry), AuditLogEntry.project_id, subject)


async def page(session: AsyncSession, subject: Subject, project_id: UUID, asked: schemas.LogQuery) -> schemas.LogPage:
    """List a project's entries, newest first."""
    statement = readable(subject).where(AuditLogEntry.project_id == project_id)
    rows, following = await listed(session, statement, LISTING, asked)
    return schemas.LogPage(items=[_document(row[0]) for row in rows], next_cursor=following)


async def organisation_page(
    session: AsyncSession, subject: Subject, organisation_id: UUID, asked: schemas.LogQuery
) -> schemas.LogPage:
    """List the entries of an organisation that concern no project, newest first."""
    subject.require(Scope.LOG_READ)
    subject.require_all_projects()
    statement = select(AuditLogEntry).where(*in_chain(None, organisation_id))
    rows, following = await listed(session, statement, LISTING, asked)
    return schemas.LogPage(items=[_document(row[0]) for row in rows], next_cursor=following)


async def verify(session: AsyncSession, subject: Subject, project_id: UUID) -> schemas.LogVerification:
    """Verify a project's chain from its first entry."""
    statement = readable(subject).where(AuditLogEntry.project_id == project_id).order_by(AuditLogEntry.seq)
    entries = await session.stream_scalars(statement.execution_options(yield_per=ENTRIES_AT_ONCE))
    count, broken, previous = 0, None, GENESIS
    async for entry in entries:
        count += 1
        if broken is None and not follows(entry, previous):
            broken = entry.seq
        previous = entry.hash
    return schemas.LogVerification(
        intact=broken is None, entries=count, first_broken=broken, checked_at=datetime.now(UTC)
    )


async def newest(session: AsyncSession, subject: Subject, project_id: UUID) -> AuditLogEntry | None:
    """Return the newest entry of a project."""
    statement = readable(subject).where(AuditLogEntry.project_id == project_id)
    return await session.scalar(statement.order_by(AuditLogEntry.seq.desc()).limit(1))


def _document(entry: AuditLogEntry) -> schemas.LogEntry:
    shown = {column: getattr(entry, column) for column in COLUMNS}
    return schemas.LogEntry(**shown, previous_hash=entry.previous_hash.hex(), hash=entry.hash.hex())
