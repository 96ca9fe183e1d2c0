"""Queries over datasets."""

from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.subject import Subject, within
from app.db.models import Dataset
from app.errors import NotFoundError
from app.kit.cursor import Keyset

NEWEST_FIRST = Keyset((Dataset.created_at.expression, Dataset.id.expression), descending=True)


def readable(subject: Subject) -> Select[Dataset]:
    """The datasets the subject may see."""
    return within(select(Dataset), Dataset.project_id, subject)


async def get(session: AsyncSession, subject: Subject, dataset_id: UUID, *, lock: bool = False) -> Dataset:
    """One dataset; `NotFoundError` when there is none, or none that the subject may see."""
    statement = readable(subject).where(Dataset.id == dataset_id)
    if lock:
        statement = statement.with_for_update()
    found = (await session.execute(statement, execution_options={"populate_existing": lock})).scalar_one_or_none()
    if found is None:
        raise NotFoundError("no_such_dataset", "There is no such dataset.")
    return found
