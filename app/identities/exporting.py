"""The export of an identity: a ZIP archive, made in memory and logged like a revealed picture."""

import io
import json
import zipfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import anyio
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer

from app.audits.watermark import marked
from app.auth import audit_log
from app.auth.scopes import Scope
from app.auth.subject import Subject
from app.contract.identity import OF_OTHERS
from app.db.models import Reconstruction
from app.db.session import async_session
from app.errors import ProblemError, TooLargeError
from app.identities import holding, images, schemas
from app.identities.finding import Found, find
from app.identities.log_lines import EXPORTED
from app.identities.numbering import PLACES, spans
from app.identities.preview import pictures_of
from app.jobs.sealing import film_context
from app.kit.crypto import unseal
from app.kit.ids import public_id
from app.projects import repository as projects
from app.vault.keys import find_key
from app.vault.keys import pictures_of as pictures_key

MOST_BYTES = 512 * 1024 * 1024
AT_ONCE = 64
"""Images or pictures that are read together."""


async def export(session: AsyncSession, subject: Subject, project_id: UUID, body: schemas.IdentityExport) -> bytes:
    """Return the archive. The entry in the audit log is part of the transaction.

    Raises: TooLargeError if the archive would not fit in memory.
    """
    async with _refusals_logged(session, subject, project_id, body.purpose):
        subject.require(Scope.RECONSTRUCTIONS_REVEAL)
        subject.require(Scope.AUDITS_READ)
        await projects.get(session, subject, project_id)
        found = await find(session, project_id, body.names, lock="places")
        places = [await images.places(session, found, row) for row in found.datasets]
        mark = f"exported to {subject.name} for: {body.purpose}"
        archive = _Archive()
        for row, own in zip(found.datasets, places, strict=True):
            for start in range(0, len(own), AT_ONCE):
                some = own[start : start + AT_ONCE]
                for place, png in zip(some, await images.pngs(session, row, some), strict=True):
                    archive.add(holding.image_file(row.id, place), marked(png, mark))
        files = await _add_pictures(session, found, archive, mark)
        document = await session.run_sync(holding.held, found, places, files, by=subject.name, purpose=body.purpose)
        text = json.dumps(document.document(), ensure_ascii=False, indent=2)
        archive.add("identity.json", text.encode())
    details = {
        "purpose": body.purpose,
        "datasets": sorted(public_id("dst", row.id) for row in found.datasets),
        "images": sum(map(len, places)),
        PLACES: {public_id("dst", row.id): spans(own) for row, own in zip(found.datasets, places, strict=True)},
        "pictures": [public_id("rec", one) for one in files],
    }
    what = f"{public_id('prj', project_id)}/identities"
    await audit_log.write(session, subject, EXPORTED, what, project_id=project_id, details=details)
    return archive.close()


async def _add_pictures(session: AsyncSession, found: Found, archive: "_Archive", mark: str) -> dict[UUID, str]:
    files: dict[UUID, str] = {}
    keys = {one.id: await session.run_sync(find_key, pictures_key(one.id)) for one in found.audits}
    own = Reconstruction.source.not_in(OF_OTHERS)
    left = select(Reconstruction).where(pictures_of(found), Reconstruction.sealed_image.is_not(None), own)
    left = left.options(undefer(Reconstruction.sealed_film))
    few = left.order_by(Reconstruction.id).execution_options(yield_per=AT_ONCE)
    async for row in await session.stream_scalars(few):
        key = keys[row.audit_id]
        if key is None or row.sealed_image is None:
            continue
        context = images.context_of(row.audit_id, row)
        png = await anyio.to_thread.run_sync(unseal, key, row.sealed_image, context)
        files[row.id] = holding.picture_file(row)
        archive.add(files[row.id], marked(png, mark))
        if row.sealed_film is not None:
            film = await anyio.to_thread.run_sync(unseal, key, row.sealed_film, film_context(context))
            archive.add(holding.film_file(row), marked(film, mark))
    return files


class _Archive:
    """A ZIP archive of limited size."""

    def __init__(self) -> None:
        self._buffer = io.BytesIO()
        self._zip = zipfile.ZipFile(self._buffer, "w")

    def add(self, name: str, data: bytes) -> None:
        """Add a file. Raises: TooLargeError."""
        if self._buffer.tell() + len(data) > MOST_BYTES:
            raise TooLargeError(
                "too_large",
                f"The export is larger than {MOST_BYTES // 1024**2} MiB. Export one data set at a time.",
            )
        self._zip.writestr(name, data)

    def close(self) -> bytes:
        """Return the archive."""
        self._zip.close()
        return self._buffer.getvalue()


@asynccontextmanager
async def _refusals_logged(
    session: AsyncSession, subject: Subject, project_id: UUID, purpose: str
) -> AsyncIterator[None]:
    """Log `identity.export_refused` when the block rejects the request."""
    try:
        yield
    except ProblemError as error:
        await session.rollback()  # frees the connection before another is asked for
        async with async_session() as other:
            try:
                own: UUID | None = (await projects.get_ever(other, subject, project_id)).id
            except ProblemError:
                own = subject.project_id
            await audit_log.write(
                other,
                subject,
                "identity.export_refused",
                f"{public_id('prj', project_id)}/identities",
                project_id=own,
                organisation_id=subject.organisation_id,
                details={"reason": error.code, "purpose": purpose},
            )
        raise
