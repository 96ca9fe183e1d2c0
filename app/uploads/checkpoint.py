"""Taking in the checkpoint of a release: quarantined, hashed, and handed to the intake job in one transaction."""

from uuid import UUID

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth import audit_log
from app.auth.scopes import Scope
from app.auth.subject import Subject
from app.db.models import Release
from app.db.session import async_session
from app.db.states import IntakeState
from app.errors import UnprocessableError
from app.jobs import intake
from app.kit.ids import public_id
from app.releases import repository, schemas, service
from app.settings import settings
from app.storage.receive import content_length
from app.storage.store import Received
from app.uploads import plain, quota


async def take_in(request: Request, subject: Subject, release_id: UUID, digest: str | None) -> schemas.Release:
    """Receive the body for this release."""
    subject.require(Scope.TARGETS_WRITE)
    async with async_session() as session:
        release, _ = await repository.get(session, subject, release_id)
        announced = announced_digest(release, digest)
        most = settings().max_checkpoint_bytes
        limit = await quota.limit(session, release.project_id, most, content_length(request))

    async def take(session: AsyncSession, key: str, received: Received) -> tuple[schemas.Release, UUID]:
        return await accept(session, subject, release_id, key, received)

    return await plain.take_in(request, limit=limit, expected=announced, accept=take)


def announced_digest(release: Release, digest: str | None) -> str | None:
    """The digest to expect; the one a refused file had no longer binds. A problem if no file is awaited."""
    intake.check_open(release)
    if release.state == IntakeState.REFUSED or release.sha256 is None:
        return digest
    if digest is not None and digest != release.sha256:
        raise UnprocessableError(
            "digest_mismatch",
            "The release was announced with another digest; make a new release for another file.",
            errors=[{"expected": release.sha256, "found": digest}],
        )
    return release.sha256


async def accept(
    session: AsyncSession, subject: Subject, release_id: UUID, key: str, received: Received
) -> tuple[schemas.Release, UUID]:
    """Take over a file that lies in quarantine under `key`; returns the job that checks it, to be published."""
    release, target_name = await repository.get(session, subject, release_id, lock=True)
    job_id = await session.run_sync(intake.begin, release, key, received)
    project_id, identifier = release.project_id, public_id("rel", release.id)
    details = {"sha256": received.sha256, "size_bytes": received.size}
    await audit_log.write(session, subject, "release.uploaded", identifier, project_id=project_id, details=details)
    return service.document(release, target_name), job_id
