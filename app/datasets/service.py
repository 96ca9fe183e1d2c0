"""Creating and listing data sets."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.auth import audit_log
from app.auth.scopes import Scope
from app.auth.subject import Subject
from app.datasets import repository, schemas
from app.db.models import Dataset, DatasetRole
from app.errors import ConflictError
from app.kit.ids import public_id
from app.kit.listing import listed
from app.kit.unique import unique_violation


async def create(
    session: AsyncSession, subject: Subject, project_id: UUID, body: schemas.DatasetCreate
) -> schemas.Dataset:
    """Create a data set without a file."""
    subject.require(Scope.DATASETS_WRITE)
    dataset = Dataset(project_id=project_id, name=body.name, role=body.role)
    conflict = ConflictError("name_taken", f"A data set named {body.name!r} already exists. Choose another name.")
    async with unique_violation(session, conflict):
        session.add(dataset)
        await session.flush()
    await session.refresh(dataset)
    identifier, details = public_id("dst", dataset.id), {"name": dataset.name, "role": body.role.value}
    await audit_log.write(session, subject, "dataset.created", identifier, project_id=project_id, details=details)
    return document(dataset)


async def page(
    session: AsyncSession, subject: Subject, project_id: UUID, asked: schemas.DatasetQuery
) -> schemas.DatasetPage:
    """List the data sets of a project, newest first."""
    statement = repository.readable(subject).where(Dataset.project_id == project_id)
    rows, following = await listed(session, statement, repository.LISTING, asked)
    items = [schemas.DatasetSummary(**document(row[0]).model_dump(exclude={"identities"})) for row in rows]
    return schemas.DatasetPage(items=items, next_cursor=following)


async def get(session: AsyncSession, subject: Subject, dataset_id: UUID) -> schemas.Dataset:
    """Return a data set."""
    return document(await repository.get(session, subject, dataset_id))


def document(dataset: Dataset) -> schemas.Dataset:
    """Return the API document of a row."""
    own = set(schemas.Dataset.model_fields) - {"identity_count"}
    columns: dict[str, Any] = {name: getattr(dataset, name) for name in own}
    return schemas.Dataset(**columns, identity_count=identity_count(dataset.role, dataset.identities))


def identity_count(role: DatasetRole, identities: Sequence[str] | None) -> int | None:
    """Return how many identities a set names. None if it names none, or is not ready.

    The one folder of a public set without names is not an identity.
    """
    named = len(identities or [])
    return None if named == 0 or (role == DatasetRole.PUBLIC and named == 1) else named
