"""Checks before the first byte of a file, the same for every way in which it can arrive."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.subject import Subject
from app.datasets import repository as datasets
from app.db.models import Upload
from app.db.moves import Owner
from app.db.states import IntakeState
from app.errors import UnprocessableError
from app.jobs import intake
from app.releases import repository as releases
from app.uploads import holding, quota
from app.uploads.owners import DATASET, RELEASE, OwnerKind
from app.verifiers import repository as verifiers


async def awaiting(
    session: AsyncSession, subject: Subject, kind: OwnerKind, owner_id: UUID, digest: str | None
) -> tuple[Owner, str | None]:
    """Return the owner, and the digest that its file must have.

    The subject must be allowed to upload, and the owner must await a file.

    Raises: ForbiddenError, NotFoundError, ConflictError, UnprocessableError (another digest was
    announced).
    """
    subject.require(kind.scope)
    owner = await _find(session, subject, kind, owner_id)
    intake.check_open(owner)
    return owner, _announced(kind, owner, digest)


async def begin(session: AsyncSession, upload: Upload) -> Upload:
    """Add the row of an upload.

    Raises: TooLargeError (the quota), TooManyRequestsError, StorageFullError.
    """
    await quota.check_open(session, upload)
    await session.run_sync(quota.check, upload.project_id, upload.length)
    upload.expires_at = holding.expiry()
    session.add(upload)
    await session.flush()
    await session.refresh(upload)
    return upload


async def _find(session: AsyncSession, subject: Subject, kind: OwnerKind, owner_id: UUID) -> Owner:
    """Return the owner, read through its repository, which enforces the tenant."""
    if kind is RELEASE:
        release, _ = await releases.get(session, subject, owner_id)
        return release
    if kind is DATASET:
        return await datasets.get(session, subject, owner_id)
    return await verifiers.get(session, subject, owner_id)


def _announced(kind: OwnerKind, owner: Owner, digest: str | None) -> str | None:
    """Return the digest to expect. After a rejected file, its digest no longer counts."""
    if owner.state == IntakeState.REFUSED or owner.sha256 is None:
        return digest
    if digest is not None and digest != owner.sha256:
        raise UnprocessableError(
            "digest_mismatch",
            f"The {kind.name} was announced with another digest; create a new {kind.name} for another file.",
            errors=[{"expected": owner.sha256, "found": digest}],
        )
    return owner.sha256
