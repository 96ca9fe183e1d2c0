"""Start of an import. Checks that need no network happen here, a job does the rest."""

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.auth import audit_log
from app.auth.subject import Subject
from app.datasets import repository as datasets
from app.db.models import Upload
from app.db.transaction import after_commit
from app.imports import addresses, allowlist
from app.imports.addresses import CHECKPOINTS, IMAGES
from app.imports.schemas import ImportCreate
from app.jobs import intake
from app.jobs.dispatch import publish
from app.jobs.stages import Stage
from app.kit.ids import public_id
from app.releases import repository as releases
from app.settings import settings
from app.uploads import checkpoint, holding, quota, schemas
from app.uploads.permission import require_scope


async def create_for_release(
    session: AsyncSession, subject: Subject, release_id: UUID, body: ImportCreate
) -> schemas.Upload:
    """Start to fetch a release's checkpoint."""
    release, _ = await releases.get(session, subject, release_id)
    upload = _new(subject, body, CHECKPOINTS, project_id=release.project_id, release_id=release.id)
    upload.sha256 = checkpoint.announced_digest(release, upload.sha256)
    return await _begin(session, subject, upload, public_id("rel", release.id))


async def create_for_dataset(
    session: AsyncSession, subject: Subject, dataset_id: UUID, body: ImportCreate
) -> schemas.Upload:
    """Start to fetch a data set's images."""
    dataset = await datasets.get(session, subject, dataset_id)
    intake.check_open(dataset)
    upload = _new(subject, body, IMAGES, project_id=dataset.project_id, dataset_id=dataset.id)
    return await _begin(session, subject, upload, public_id("dst", dataset.id))


def _new(subject: Subject, body: ImportCreate, suffixes: tuple[str, ...], **owner: Any) -> Upload:
    upload = Upload(requested_by=subject.name, address=body.address, length=0, received=0, **owner)
    require_scope(subject, upload)
    address = addresses.parse(body.address, suffixes)
    allowlist.check(address, settings())
    upload.filename = address.filename[:255]
    upload.sha256 = body.sha256.lower() if body.sha256 else None
    return upload


async def _begin(session: AsyncSession, subject: Subject, upload: Upload, identifier: str) -> schemas.Upload:
    await session.run_sync(quota.check, upload.project_id, 0)
    await quota.check_open(session, upload.project_id)
    upload.expires_at = holding.expiry()
    session.add(upload)
    await session.flush()
    await session.refresh(upload)
    job_id = await session.run_sync(intake.add_job, upload.project_id, Stage.FETCH, upload.id)
    after_commit(session, lambda: publish([job_id]))
    action = "release.import_begun" if upload.release_id is not None else "dataset.import_begun"
    details = {"address": upload.address, "sha256": upload.sha256}
    await audit_log.write(session, subject, action, identifier, project_id=upload.project_id, details=details)
    return schemas.Upload.model_validate(upload)
