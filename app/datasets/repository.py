"""Queries over data sets."""

from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.subject import Subject, within
from app.db.models import Dataset
from app.errors import NotFoundError
from app.kit.listing import Listing, equals, one_of, text_of

LISTING = Listing(
    Dataset.id,
    sorts={"created_at": Dataset.created_at, "name": Dataset.name, "images": Dataset.images},
    search=text_of(Dataset.name, Dataset.digest, Dataset.sha256),
    prefix="dst",
    filters={"role": equals(Dataset.role), "state": one_of(Dataset.state)},
)


def readable(subject: Subject) -> Select[Dataset]:
    """Select the data sets that the subject may see."""
    return within(select(Dataset), Dataset.project_id, subject)


async def get(session: AsyncSession, subject: Subject, dataset_id: UUID, *, lock: bool = False) -> Dataset:
    """Return a data set.

    Raises: NotFoundError if it does not exist or the subject may not see it.
    """
    statement = readable(subject).where(Dataset.id == dataset_id)
    if lock:
        statement = statement.with_for_update()
    found = (await session.execute(statement, execution_options={"populate_existing": lock})).scalar_one_or_none()
    if found is None:
        raise NotFoundError("no_such_dataset", "There is no such data set.")
    return found


async def keep_places(session: AsyncSession, dataset: Dataset) -> None:
    """Read a data set again, whose images then keep their places until the transaction ends.

    An erasure waits for that, so an entry of the audit log names the image that was read.
    """
    await session.refresh(dataset, with_for_update={"read": True, "key_share": True})
