"""Beginning, listing and ending uploads. What can be refused before the first byte is refused at the beginning."""

import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.subject import Subject
from app.datasets import repository as datasets
from app.db import moves
from app.db.models import Upload
from app.db.session import async_session
from app.db.states import UploadState
from app.errors import BadRequestError, TooLargeError
from app.jobs import intake
from app.kit.cursor import fetch_page
from app.releases import repository as releases
from app.settings import settings
from app.storage.receive import check_room, empty, quarantine_key
from app.uploads import checkpoint, digests, holding, leftovers, protocol, quota, repository, schemas, verifier_model
from app.uploads.permission import require_scope
from app.verifiers import repository as verifiers

SHA256 = re.compile("[0-9a-fA-F]{64}")


@dataclass(frozen=True)
class Announced:
    """What a client says of a file it is about to send."""

    length: int | None
    metadata: str | None


async def create_for_release(session: AsyncSession, subject: Subject, release_id: UUID, told: Announced) -> Upload:
    """Begin the upload of a release's checkpoint."""
    release, _ = await releases.get(session, subject, release_id)
    upload = _new(subject, told, project_id=release.project_id, release_id=release.id)
    upload.sha256 = checkpoint.announced_digest(release, upload.sha256)
    return await _begin(session, subject, upload, settings().max_checkpoint_bytes)


async def create_for_dataset(session: AsyncSession, subject: Subject, dataset_id: UUID, told: Announced) -> Upload:
    """Begin the upload of a dataset's images."""
    dataset = await datasets.get(session, subject, dataset_id)
    intake.check_open(dataset)
    upload = _new(subject, told, project_id=dataset.project_id, dataset_id=dataset.id)
    return await _begin(session, subject, upload, settings().max_dataset_bytes)


async def create_for_verifier(session: AsyncSession, subject: Subject, verifier_id: UUID, told: Announced) -> Upload:
    """Begin the upload of a verifier's verifier_model."""
    verifier = await verifiers.get(session, subject, verifier_id)
    intake.check_open(verifier)
    upload = _new(subject, told, project_id=verifier.project_id, verifier_id=verifier.id)
    return await _begin(session, subject, upload, verifier_model.LARGEST)


def _new(subject: Subject, told: Announced, **owner: Any) -> Upload:
    if told.length is None:
        raise BadRequestError("upload_length", "Send the size of the whole file as Upload-Length.")
    if told.length == 0:
        raise empty()
    metadata = protocol.metadata(told.metadata)
    sha256 = metadata.get("sha256")
    if sha256 is not None and not SHA256.fullmatch(sha256):
        raise BadRequestError("bad_digest", "`sha256` in Upload-Metadata must be 64 hexadecimal digits.")
    return Upload(
        requested_by=subject.name,
        length=told.length,
        upload_metadata=told.metadata,
        filename=metadata["filename"][:255] if metadata.get("filename") else None,
        sha256=sha256.lower() if sha256 else None,
        **owner,
    )


async def _begin(session: AsyncSession, subject: Subject, upload: Upload, limit: int) -> Upload:
    require_scope(subject, upload)
    if upload.length > limit:
        raise TooLargeError("too_large", f"{upload.length:,} bytes are more than the limit of {limit:,}.")
    await session.run_sync(quota.check, upload.project_id, upload.length)
    await quota.check_open(session, upload.project_id)
    await check_room(upload.length)
    upload.object_key, upload.expires_at = quarantine_key(), holding.expiry()
    session.add(upload)
    await session.flush()
    await session.refresh(upload)
    return upload


async def get(session: AsyncSession, subject: Subject, upload_id: UUID) -> schemas.Upload:
    """One upload."""
    return schemas.Upload.model_validate(await repository.get(session, subject, upload_id))


async def page(
    session: AsyncSession, subject: Subject, where: ColumnElement[bool], *, limit: int, cursor: str | None
) -> schemas.UploadPage:
    """Uploads, newest first."""
    statement = repository.readable(subject).where(where)
    rows, following = await fetch_page(session, statement, repository.NEWEST_FIRST, limit=limit, cursor=cursor)
    return schemas.UploadPage(items=[schemas.Upload.model_validate(row[0]) for row in rows], next_cursor=following)


async def locate(subject: Subject, upload_id: UUID) -> Upload:
    """Where a client may go on: whoever still writes to the upload in this process is ended first."""
    await _interrupt(subject, upload_id)
    async with async_session() as session:
        upload = await repository.get(session, subject, upload_id)
    if upload.address is not None:
        raise holding.imported()
    if upload.state not in {UploadState.RECEIVING, UploadState.COMPLETE}:
        raise holding.ended(upload)
    return upload


async def terminate(subject: Subject, upload_id: UUID) -> None:
    """End an unfinished upload and delete what there is of it."""
    await _interrupt(subject, upload_id)
    async with async_session() as session:
        upload = await repository.get(session, subject, upload_id, lock=True)
        if upload.state != UploadState.RECEIVING:
            raise holding.ended(upload)
        left = moves.end_upload(upload, UploadState.TERMINATED)
    digests.forget(upload_id)
    await leftovers.remove(left)


async def _interrupt(subject: Subject, upload_id: UUID) -> None:
    async with async_session() as session:
        require_scope(subject, await repository.get(session, subject, upload_id))
    await holding.interrupt(upload_id)
