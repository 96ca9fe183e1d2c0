"""Listing priors."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.subject import Subject
from app.contract.engine import learns_answers
from app.db.models import Artifact
from app.kit.listing import listed
from app.priors import repository, schemas

UNKNOWN = "unknown"


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


def kind_of(prior: Artifact) -> str:
    """Return the kind of a prior, `UNKNOWN` for rows that do not have its recipe."""
    return str(_recipe(prior).get("kind", UNKNOWN))


def is_covered(prior: Artifact) -> bool:
    """Tell whether its samples are shown like reconstructions: it learned answers, or may have."""
    return kind_of(prior) == UNKNOWN or learns_answers(kind_of(prior))


def _recipe(prior: Artifact) -> dict[str, Any]:
    recipe: dict[str, Any] = prior.details.get("recipe", {})
    return recipe


def _document(prior: Artifact, uses: Sequence[Row[UUID, UUID, str, int]]) -> schemas.Prior:
    columns = {name: getattr(prior, name) for name in ("id", "project_id", "key", "sha256", "size_bytes", "created_at")}
    return schemas.Prior(
        **columns,
        kind=kind_of(prior),
        covered=is_covered(prior),
        recipe=_recipe(prior),
        images=prior.details.get("images"),
        public_datasets=[schemas.PublicSet(id=row[1], name=row[2]) for row in uses],
        audit_count=sum(row[3] for row in uses),
    )
