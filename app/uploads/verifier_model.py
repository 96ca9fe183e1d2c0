"""Taking in the ONNX file of a verifier: quarantined, hashed, and handed to the intake job in one transaction."""

from uuid import UUID

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth import audit_log
from app.auth.scopes import Scope
from app.auth.subject import Subject
from app.db.session import async_session
from app.jobs import intake
from app.kit.ids import public_id
from app.storage.receive import content_length
from app.storage.store import Received
from app.uploads import plain, quota
from app.verifiers import repository, schemas

LARGEST = 1024**3  # an embedder of 250 million parameters; the intake's own limit is the same


async def take_in(request: Request, subject: Subject, verifier_id: UUID, digest: str | None) -> schemas.Verifier:
    """Receive the body for this verifier."""
    subject.require(Scope.DATASETS_WRITE)
    async with async_session() as session:
        verifier = await repository.get(session, subject, verifier_id)
        intake.check_open(verifier)
        limit = await quota.limit(session, verifier.project_id, LARGEST, content_length(request))

    async def take(session: AsyncSession, key: str, received: Received) -> tuple[schemas.Verifier, UUID]:
        return await accept(session, subject, verifier_id, key, received)

    return await plain.take_in(request, limit=limit, expected=digest, accept=take)


async def accept(
    session: AsyncSession, subject: Subject, verifier_id: UUID, key: str, received: Received
) -> tuple[schemas.Verifier, UUID]:
    """Take over a file that lies in quarantine under `key`; returns the job that checks it, to be published."""
    verifier = await repository.get(session, subject, verifier_id, lock=True)
    job_id = await session.run_sync(intake.begin, verifier, key, received)
    project_id, identifier = verifier.project_id, public_id("ver", verifier.id)
    details = {"sha256": received.sha256, "size_bytes": received.size}
    await audit_log.write(session, subject, "verifier.uploaded", identifier, project_id=project_id, details=details)
    return schemas.Verifier.model_validate(verifier), job_id
