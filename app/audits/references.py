"""Images of the data sets of an audit. They are shown like reconstructions.

Private images are shown only after the freeze.
"""

from uuid import UUID

import anyio
from sqlalchemy.ext.asyncio import AsyncSession

from app.audits import repository
from app.audits.cover import cover, encode
from app.audits.reveal import Reveal, record_reveal
from app.auth.subject import Subject
from app.datasets.packed import read_image
from app.datasets.repository import keep_places
from app.db.models import Audit, Dataset
from app.errors import ConflictError, NotFoundError
from app.kit.ids import public_id
from app.storage.store import MissingObjectError
from app.vault.keys import find_key
from app.vault.objects import opened


async def private_image(session: AsyncSession, subject: Subject, audit_id: UUID, index: int, reveal: Reveal) -> bytes:
    """Return private image `index` as a PNG.

    Raises: ConflictError before the freeze, NotFoundError.
    """
    reveal.check(subject)
    audit = await repository.get(session, subject, audit_id)
    if audit.private_dataset_id is None:
        raise NotFoundError("no_references", "This audit has no private data set.")
    if audit.frozen_at is None:
        raise ConflictError("not_frozen", "Private images are not shown until every reconstruction is frozen.")
    return await _image(session, subject, audit, audit.private_dataset_id, index, reveal)


async def public_image(session: AsyncSession, subject: Subject, audit_id: UUID, index: int, reveal: Reveal) -> bytes:
    """Return public image `index` as a PNG. Raises: NotFoundError."""
    reveal.check(subject)
    audit = await repository.get(session, subject, audit_id)
    return await _image(session, subject, audit, audit.public_dataset_id, index, reveal)


async def _image(  # noqa: PLR0917 (the session, whose image, which one, for whom)
    session: AsyncSession, subject: Subject, audit: Audit, dataset_id: UUID, index: int, reveal: Reveal
) -> bytes:
    dataset = await session.get_one(Dataset, dataset_id)
    absent = NotFoundError("no_such_image", f"The {dataset.role} data set has {dataset.images} images.")
    if reveal.original:
        await keep_places(session, dataset)
    if dataset.object_key is None:
        raise NotFoundError("no_such_image", "The images of this data set were deleted.")
    if not reveal.original:
        if not 0 <= index < (dataset.images or 0):
            raise absent
        return await anyio.to_thread.run_sync(cover, dataset.height or 1, dataset.width or 1)
    try:
        key = await session.run_sync(find_key, dataset.object_key)
        png = await anyio.to_thread.run_sync(_read, dataset.object_key, key, index)
    except IndexError:
        raise absent from None
    except MissingObjectError:
        raise NotFoundError("no_such_image", "The images of this data set were deleted.") from None
    return await record_reveal(session, subject, reveal, f"{public_id('dst', dataset.id)}/{index}", audit, png=png)


def _read(name: str, key: bytes | None, index: int) -> bytes:
    with opened(name, key) as file:
        return encode(read_image(file, index))
