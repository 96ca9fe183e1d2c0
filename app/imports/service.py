"""Start of an import. Checks that need no network happen here, a job does the rest."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.auth import audit_log
from app.auth.subject import Subject
from app.db.models import Upload
from app.db.transaction import after_commit
from app.imports import addresses, allowlist
from app.imports.schemas import ImportCreate
from app.jobs import intake
from app.jobs.dispatch import publish
from app.jobs.stages import Stage
from app.settings import settings
from app.uploads import beginning, schemas
from app.uploads.owners import OwnerKind


async def create(
    session: AsyncSession, subject: Subject, kind: OwnerKind, owner_id: UUID, body: ImportCreate
) -> schemas.Upload:
    """Start to fetch the file of a release, data set or verifier."""
    digest = body.sha256.lower() if body.sha256 else None
    owner, sha256 = await beginning.awaiting(session, subject, kind, owner_id, digest)
    address = addresses.parse(body.address, kind.suffixes)
    allowlist.check(address, settings())
    upload = Upload(
        project_id=owner.project_id,
        requested_by=subject.name,
        address=body.address,
        filename=address.filename[:255],
        sha256=sha256,
        length=0,
        received=0,
        **{kind.column: owner.id},
    )
    await beginning.begin(session, upload)
    job_id = await session.run_sync(intake.add_job, owner.project_id, Stage.FETCH, upload.id)
    after_commit(session, lambda: publish([job_id]))
    action = f"{kind.name}.import_begun"
    details = {"address": upload.address, "sha256": upload.sha256}
    await audit_log.write(
        session, subject, action, kind.public_id(owner.id), project_id=owner.project_id, details=details
    )
    return schemas.Upload.model_validate(upload)
