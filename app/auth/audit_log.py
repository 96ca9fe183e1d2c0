"""The audit log: append-only, hash-chained per project, written in the transaction it records.

`log_chain` says how a hash is computed. Each project has a chain. Entries of an
organisation without a project form a chain per organisation, and the others that of the
installation.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from app.auth.log_chain import GENESIS, link
from app.auth.subject import Kind
from app.db.models import Audit, AuditLogEntry
from app.db.tenancy import of_all_tenants
from app.kit.ids import public_id
from app.kit.request_id import request_id

LOCK_CLASS = 0x6578616C  # "exal": first half of the advisory lock of a chain


class Actor(Protocol):
    """Whoever an entry names, such as the subject of a request."""

    @property
    def name(self) -> str:
        """The name of the person, of the API key, or of the part of the service."""

    @property
    def address(self) -> str | None:
        """The network address that the request came from."""

    @property
    def kind(self) -> Kind:
        """A person, a machine or the operator."""

    @property
    def person_id(self) -> UUID | None:
        """The person, if it is one."""

    @property
    def key_id(self) -> UUID | None:
        """The API key that was used, or that opened the session."""


@dataclass(frozen=True)
class Requester:
    """Whoever asked for what a worker does later: known by name alone."""

    name: str
    address: str | None = None
    person_id: UUID | None = None
    key_id: UUID | None = None

    @property
    def kind(self) -> Kind:
        """The kind, as the name tells it."""
        head = self.name.partition(":")[0]
        return Kind(head) if head in {Kind.PERSON, Kind.OPERATOR} else Kind.MACHINE


async def write(
    session: AsyncSession,
    by: Actor,
    action: str,
    subject: str,
    *,
    project_id: UUID | None,
    organisation_id: UUID | None = None,
    details: dict[str, Any] | None = None,
) -> None:
    """Append one entry, for the API process."""
    await session.run_sync(
        write_now, by, action, subject, project_id=project_id, organisation_id=organisation_id, details=details
    )


def write_now(
    session: Session,
    by: Actor,
    action: str,
    subject: str,
    *,
    project_id: UUID | None,
    organisation_id: UUID | None = None,
    details: dict[str, Any] | None = None,
) -> None:
    """Append one entry. Writers of one chain wait for each other until they commit.

    An entry of a project belongs to its chain, otherwise to that of the organisation if one is
    given.
    """
    entry = AuditLogEntry(
        organisation_id=organisation_id if project_id is None else None,
        project_id=project_id,
        actor=by.name,
        actor_kind=by.kind.value,
        person_id=by.person_id,
        key_id=by.key_id,
        action=action,
        subject=subject,
        details=details or {},
        request_id=request_id() or None,
        address=by.address,
    )
    append(session, entry)


def append_by_worker(session: Session, audit: Audit, worker: str, action: str, details: dict[str, Any]) -> None:
    """Append an action of a worker in its transaction, with the name of the declaring person."""
    entry = AuditLogEntry(
        project_id=audit.project_id,
        actor=f"worker: {worker}",
        actor_kind=Kind.MACHINE.value,
        action=action,
        subject=public_id("aud", audit.id),
        details={"declared_by": audit.declared_by, **details},
    )
    append(session, entry)


def append(session: Session, entry: AuditLogEntry) -> None:
    """Set the time and chain position of an entry and add it."""
    if entry.project_id is not None or entry.organisation_id is not None:
        _append(session, entry)
        return
    session.flush()  # what the caller has changed is still bound
    with of_all_tenants(session):
        _append(session, entry)


def _append(session: Session, entry: AuditLogEntry) -> None:
    chain = str(entry.project_id or entry.organisation_id or "installation")
    session.execute(select(func.pg_advisory_xact_lock(LOCK_CLASS, func.hashtext(chain))))
    same = in_chain(entry.project_id, entry.organisation_id)
    last = select(AuditLogEntry.hash).where(*same).order_by(AuditLogEntry.seq.desc()).limit(1)
    entry.at = datetime.now(UTC)
    entry.previous_hash = session.execute(last).scalar_one_or_none() or GENESIS
    entry.hash = entry_hash(entry)
    session.add(entry)
    session.flush()


def in_chain(project_id: UUID | None, organisation_id: UUID | None) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions for the entries of one chain."""
    if project_id is not None:
        return (AuditLogEntry.project_id == project_id,)
    return AuditLogEntry.project_id.is_(None), AuditLogEntry.organisation_id.is_not_distinct_from(organisation_id)


def entry_hash(entry: AuditLogEntry) -> bytes:
    """Compute the value of `hash` from the other columns."""
    texts = ("actor", "action", "subject", "details", "request_id", "address", "actor_kind")
    ids = ("project_id", "organisation_id", "person_id", "key_id")
    document = {name: getattr(entry, name) for name in texts}
    document |= {name: str(value) if (value := getattr(entry, name)) else None for name in ids}
    return link(entry.previous_hash, document | {"at": entry.at.astimezone(UTC).isoformat()})


def follows(entry: AuditLogEntry, previous: bytes) -> bool:
    """Tell whether an entry follows from the one with this hash."""
    return entry.previous_hash == previous and entry.hash == entry_hash(entry)
