"""Beginning, listing and ending resumable uploads."""

import re
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.subject import Subject
from app.db import moves
from app.db.models import Upload
from app.db.session import async_session
from app.db.states import UploadState
from app.errors import BadRequestError, TooLargeError
from app.kit.listing import listed
from app.storage.receive import empty, quarantine_key
from app.uploads import beginning, digests, holding, leftovers, protocol, repository, schemas
from app.uploads.owners import OwnerKind
from app.uploads.protocol import UploadLength, UploadMetadata
from app.vault import quarantine
from app.vault.keys import make_key

SHA256 = re.compile("[0-9a-fA-F]{64}")


@dataclass(frozen=True)
class Announced:
    """What a client announces about a file."""

    length: int | None
    metadata: str | None


def announced(upload_length: UploadLength = None, upload_metadata: UploadMetadata = None) -> Announced:
    """Read the headers of a request that begins an upload."""
    return Announced(upload_length, upload_metadata)


async def create(
    session: AsyncSession, subject: Subject, kind: OwnerKind, owner_id: UUID, announcement: Announced
) -> Upload:
    """Begin the upload of the file of a release, data set or verifier."""
    length, filename, digest = _read(announcement)
    owner, sha256 = await beginning.awaiting(session, subject, kind, owner_id, digest)
    if length > kind.limit:
        raise TooLargeError("too_large", f"{length:,} bytes are more than the limit of {kind.limit:,}.")
    upload = Upload(
        project_id=owner.project_id,
        requested_by=subject.name,
        upload_metadata=announcement.metadata,
        filename=filename,
        sha256=sha256,
        length=length,
        object_key=quarantine_key(),
        parts={quarantine.SEALED: True},
        **{kind.column: owner.id},
    )
    await beginning.begin(session, upload)
    await session.run_sync(make_key, upload.project_id, str(upload.object_key))
    return upload


def _read(announcement: Announced) -> tuple[int, str | None, str | None]:
    """Return the length, the file's name and its digest."""
    if announcement.length is None:
        raise BadRequestError("upload_length", "Send the size of the whole file as Upload-Length.")
    if announcement.length == 0:
        raise empty()
    metadata = protocol.metadata(announcement.metadata)
    sha256 = metadata.get("sha256")
    if sha256 is not None and not SHA256.fullmatch(sha256):
        raise BadRequestError("bad_digest", "`sha256` in Upload-Metadata must be 64 hexadecimal digits.")
    filename = metadata["filename"][:255] if metadata.get("filename") else None
    return announcement.length, filename, sha256.lower() if sha256 else None


async def get(session: AsyncSession, subject: Subject, upload_id: UUID) -> schemas.Upload:
    """Return an upload."""
    return schemas.Upload.model_validate(await repository.get(session, subject, upload_id))


async def page(
    session: AsyncSession, subject: Subject, where: ColumnElement[bool], asked: schemas.UploadQuery
) -> schemas.UploadPage:
    """Return uploads, newest first."""
    statement = repository.readable(subject).where(where)
    rows, following = await listed(session, statement, repository.LISTING, asked)
    return schemas.UploadPage(items=[schemas.Upload.model_validate(row[0]) for row in rows], next_cursor=following)


async def locate(subject: Subject, upload_id: UUID) -> Upload:
    """Return the upload to continue.

    A request of this process that writes to it is ended first.
    """
    await _interrupt(subject, upload_id)
    async with async_session() as session:
        upload = await repository.get(session, subject, upload_id)
    if upload.address is not None:
        raise holding.imported()
    if upload.state not in {UploadState.RECEIVING, UploadState.COMPLETE}:
        raise holding.ended(upload)
    return upload


async def terminate(subject: Subject, upload_id: UUID) -> None:
    """End an unfinished upload and delete the bytes received so far."""
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
        await repository.require_writable(session, subject, upload_id)
    await holding.interrupt(upload_id)
