"""Queries over verifiers."""

from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.subject import Subject, within
from app.db.models import Verifier
from app.errors import NotFoundError
from app.kit.listing import Listing, one_of, text_of

LISTING = Listing(
    Verifier.id,
    sorts={"created_at": Verifier.created_at, "name": Verifier.name},
    search=text_of(Verifier.name, Verifier.sha256),
    prefix="ver",
    filters={"state": one_of(Verifier.state)},
)


def readable(subject: Subject) -> Select[Verifier]:
    """Select the verifiers that the subject may see."""
    return within(select(Verifier), Verifier.project_id, subject)


async def get(session: AsyncSession, subject: Subject, verifier_id: UUID, *, lock: bool = False) -> Verifier:
    """Return a verifier.

    Raises: NotFoundError if it does not exist or the subject may not see it.
    """
    statement = readable(subject).where(Verifier.id == verifier_id)
    if lock:
        statement = statement.with_for_update()
    found = (await session.execute(statement, execution_options={"populate_existing": lock})).scalar_one_or_none()
    if found is None:
        raise NotFoundError("no_such_verifier", "There is no such verifier.")
    return found
