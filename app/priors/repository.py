"""Queries over priors that are kept, and over the audits that use them."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Row, Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.scopes import Scope
from app.auth.subject import Subject, within
from app.db.models import Artifact, ArtifactUse, Audit, Dataset
from app.errors import NotFoundError
from app.kit.listing import Listing, text_of

KIND = "prior"
RECIPE_KIND = Artifact.details["recipe"]["kind"].as_string()

LISTING = Listing(
    Artifact.id,
    sorts={"created_at": Artifact.created_at, "size": Artifact.size_bytes},
    search=text_of(RECIPE_KIND, Artifact.key, Artifact.sha256),
    prefix="pri",
)


def readable(subject: Subject) -> Select[Artifact]:
    """Select the priors that the subject may see."""
    subject.require(Scope.AUDITS_READ)
    return within(select(Artifact), Artifact.project_id, subject).where(Artifact.kind == KIND)


async def get(session: AsyncSession, subject: Subject, prior_id: UUID) -> Artifact:
    """Return a prior. Raises: NotFoundError if there is none that the subject may see."""
    found = (await session.execute(readable(subject).where(Artifact.id == prior_id))).scalar_one_or_none()
    if found is None:
        raise NotFoundError("no_such_prior", "There is no such prior. It may have been deleted.")
    return found


async def uses(session: AsyncSession, priors: Sequence[UUID]) -> dict[UUID, list[Row[UUID, UUID, str, int]]]:
    """Return rows (prior, id and name of a public set, audits with both), by prior."""
    statement = (
        select(ArtifactUse.artifact_id, Dataset.id, Dataset.name, func.count())
        .join(Audit, Audit.id == ArtifactUse.audit_id)
        .join(Dataset, Dataset.id == Audit.public_dataset_id)
        .where(ArtifactUse.artifact_id.in_(priors))
        .group_by(ArtifactUse.artifact_id, Dataset.id, Dataset.name)
        .order_by(Dataset.name)
    )
    found: dict[UUID, list[Row[UUID, UUID, str, int]]] = defaultdict(list)
    for row in (await session.execute(statement)).all():
        found[row[0]].append(row)
    return found
