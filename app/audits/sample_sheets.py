"""The sample sheet of a data set, shown like reconstructions.

A sheet of private images is not shown while an audit of them can still change its
reconstructions.
"""

from uuid import UUID

import anyio
from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.audits.cover import cover, encode
from app.audits.reveal import Reveal, record_reveal
from app.auth.subject import Subject
from app.datasets import repository
from app.datasets.packed import read_images
from app.datasets.samples import chosen, sheet, sheet_size
from app.db.models import Audit, Dataset, DatasetRole
from app.db.states import FINISHED_AUDIT
from app.errors import ConflictError, NotFoundError
from app.kit.ids import public_id
from app.storage.store import MissingObjectError
from app.vault.keys import find_key
from app.vault.objects import opened


async def image(session: AsyncSession, subject: Subject, dataset_id: UUID, reveal: Reveal) -> bytes:
    """Return the sheet as a PNG: a cover, or the original, which is logged.

    Raises: NotFoundError without images, ConflictError while an audit attacks private images.
    """
    reveal.check(subject)
    dataset = await repository.get(session, subject, dataset_id)
    if reveal.original:
        await repository.keep_places(session, dataset)
    absent = NotFoundError(
        "no_such_image", "This data set has no images: its checks have not ended, or it was deleted."
    )
    if dataset.object_key is None or not dataset.images:
        raise absent
    if not reveal.original:
        high, wide = sheet_size(dataset.images, dataset.height or 1, dataset.width or 1)
        return await anyio.to_thread.run_sync(cover, high, wide)
    if dataset.role == DatasetRole.PRIVATE and await _attacked(session, dataset):
        raise ConflictError(
            "not_frozen", "An audit attacks these images. They are shown when its reconstructions are frozen."
        )
    places = chosen(dataset.images)
    try:
        key = await session.run_sync(find_key, dataset.object_key)
        png = await anyio.to_thread.run_sync(_read, dataset.object_key, key, places)
    except MissingObjectError:
        raise absent from None
    identifier = public_id("dst", dataset.id)
    pictures = [f"{identifier}/{place}" for place in places]
    return await record_reveal(session, subject, reveal, f"{identifier}/samples", dataset, png=png, pictures=pictures)


async def _attacked(session: AsyncSession, dataset: Dataset) -> bool:
    running = Audit.frozen_at.is_(None) & Audit.state.not_in(FINISHED_AUDIT)
    return bool(await session.scalar(select(exists().where(Audit.private_dataset_id == dataset.id, running))))


def _read(name: str, key: bytes | None, places: list[int]) -> bytes:
    with opened(name, key) as file:
        return encode(sheet(list(read_images(file, places))))
