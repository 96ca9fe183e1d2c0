"""Listing priors, and showing samples of them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import anyio
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.subject import Subject
from app.db.models import Artifact
from app.errors import NotFoundError
from app.jobs.sheets import sheet_key
from app.kit.listing import listed
from app.priors import repository, schemas
from app.storage.store import MissingObjectError
from app.vault.keys import find_key
from app.vault.objects import opened


async def page(
    session: AsyncSession, subject: Subject, project_id: UUID, asked: schemas.PriorQuery
) -> schemas.PriorPage:
    """List the priors of a project, newest first by default."""
    statement = repository.readable(subject).where(Artifact.project_id == project_id)
    rows, following = await listed(session, statement, repository.LISTING, asked)
    priors = [row[0] for row in rows]
    uses = await repository.uses(session, [one.id for one in priors])
    items = [_document(one, uses.get(one.id, [])) for one in priors]
    return schemas.PriorPage(items=items, next_cursor=following)


async def get(session: AsyncSession, subject: Subject, prior_id: UUID) -> schemas.Prior:
    """Return a prior."""
    found = await repository.get(session, subject, prior_id)
    return _document(found, (await repository.uses(session, [found.id])).get(found.id, []))


async def samples(session: AsyncSession, subject: Subject, prior_id: UUID) -> bytes:
    """Return the sheet of samples of a prior as a PNG, not covered: a prior sees no private image.

    Raises: NotFoundError if none was kept.
    """
    found = await repository.get(session, subject, prior_id)
    name = sheet_key(found.project_id, found.key)
    try:
        return await anyio.to_thread.run_sync(_read, name, await session.run_sync(find_key, name))
    except MissingObjectError:
        raise NotFoundError("no_prior_samples", "No samples of this prior were kept.") from None


def _document(prior: Artifact, uses: Sequence[Row[UUID, UUID, str, int]]) -> schemas.Prior:
    recipe: dict[str, Any] = prior.details.get("recipe", {})
    columns = {name: getattr(prior, name) for name in ("id", "project_id", "key", "sha256", "size_bytes", "created_at")}
    return schemas.Prior(
        **columns,
        kind=str(recipe.get("kind", "unknown")),
        recipe=recipe,
        images=prior.details.get("images"),
        public_datasets=[schemas.PublicSet(id=row[1], name=row[2]) for row in uses],
        audit_count=sum(row[3] for row in uses),
    )


def _read(name: str, key: bytes | None) -> bytes:
    with opened(name, key) as file:
        return file.read()
