"""Taking in the file of a dataset: quarantined, hashed, and handed to the intake job in one transaction."""

from uuid import UUID

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth import audit_log
from app.auth.scopes import Scope
from app.auth.subject import Subject
from app.datasets import repository, schemas, service
from app.db.session import async_session
from app.jobs import intake
from app.kit.ids import public_id
from app.settings import settings
from app.storage.receive import content_length
from app.storage.store import Received
from app.uploads import plain, quota


async def take_in(request: Request, subject: Subject, dataset_id: UUID, digest: str | None) -> schemas.Dataset:
    """Receive the body for this dataset."""
    subject.require(Scope.DATASETS_WRITE)
    async with async_session() as session:
        dataset = await repository.get(session, subject, dataset_id)
        intake.check_open(dataset)
        most = settings().max_dataset_bytes
        limit = await quota.limit(session, dataset.project_id, most, content_length(request))

    async def take(session: AsyncSession, key: str, received: Received) -> tuple[schemas.Dataset, UUID]:
        return await accept(session, subject, dataset_id, key, received)

    return await plain.take_in(request, limit=limit, expected=digest, accept=take)


async def accept(
    session: AsyncSession, subject: Subject, dataset_id: UUID, key: str, received: Received
) -> tuple[schemas.Dataset, UUID]:
    """Take over a file that lies in quarantine under `key`; returns the job that checks it, to be published."""
    dataset = await repository.get(session, subject, dataset_id, lock=True)
    job_id = await session.run_sync(intake.begin, dataset, key, received)
    project_id, identifier = dataset.project_id, public_id("dst", dataset.id)
    details = {"sha256": received.sha256, "size_bytes": received.size}
    await audit_log.write(session, subject, "dataset.uploaded", identifier, project_id=project_id, details=details)
    return service.document(dataset), job_id
