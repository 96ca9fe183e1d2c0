"""Queries over receipts, and the subjects of deletions."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.audits import repository as audits
from app.auth.scopes import Scope
from app.auth.subject import Subject, within
from app.datasets import repository as datasets
from app.db.models import Receipt
from app.errors import NotFoundError
from app.kit.listing import Listing, equals, text_of
from app.priors import repository as priors
from app.projects import repository as projects
from app.releases import repository as releases
from app.verifiers import repository as verifiers

LISTING = Listing(
    Receipt.id,
    sorts={"created_at": Receipt.created_at},
    search=text_of(
        Receipt.subject,
        Receipt.document["name"].as_string(),
        Receipt.document["reason"].as_string(),
        Receipt.document["deleted_by"].as_string(),
    ),
    prefix="rcp",
    filters={"kind": equals(Receipt.kind), "subject": equals(Receipt.subject)},
)


async def _release(session: AsyncSession, subject: Subject, release_id: UUID) -> Any:
    return (await releases.get(session, subject, release_id))[0]


FIND: dict[str, Callable[[AsyncSession, Subject, UUID], Awaitable[Any]]] = {
    "dataset": datasets.get,
    "release": _release,
    "verifier": verifiers.get,
    "prior": priors.get,
    "audit": audits.get,
    "project": projects.get,
}


async def find(session: AsyncSession, subject: Subject, kind: str, identifier: UUID, *, lock: bool) -> Any:
    """Return the row of what is to be deleted. Raises: NotFoundError."""
    row = await FIND[kind](session, subject, identifier)
    if lock:
        await session.refresh(row, with_for_update=True)
    return row


def readable(subject: Subject) -> Select[Receipt]:
    """Select the receipts that the subject may see."""
    subject.require(Scope.AUDITS_READ)
    return within(select(Receipt), Receipt.project_id, subject)


async def get(session: AsyncSession, subject: Subject, receipt_id: UUID) -> Receipt:
    """Return a receipt. Raises: NotFoundError."""
    found = (await session.execute(readable(subject).where(Receipt.id == receipt_id))).scalar_one_or_none()
    if found is None:
        raise NotFoundError("no_such_receipt", "There is no such receipt.")
    return found
