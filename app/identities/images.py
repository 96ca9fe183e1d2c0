"""Private images and pictures of an identity: counted, read, taken out, and sealed again.

The sealed pictures of an audit share one key. Those that stay are sealed under a new one, so that
destroying the old key destroys what is left of the others in the files of the database.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import anyio
from sqlalchemy import ARRAY, Integer, case, cast, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from app.audits.cover import encode
from app.datasets.packed import DAMAGE, PackedError, read_contents, read_images
from app.datasets.repacking import labels_of, places_of, without
from app.datasets.set_digest import SetContents
from app.db.models import Audit, Dataset, Reconstruction, Score
from app.errors import ConflictError, UnprocessableError
from app.identities.finding import Found
from app.jobs.sealing import film_context, image_context
from app.kit.crypto import UnsealError, seal, unseal
from app.storage.apart import apart
from app.storage.store import MissingObjectError, store
from app.vault.chunks import sealed
from app.vault.keys import destroy_keys, find_key, make_key, pictures_of
from app.vault.objects import opened

AT_ONCE = 128
"""Pictures that are held in memory while they are sealed again."""
UNREADABLE = (PackedError, MissingObjectError, UnsealError, *DAMAGE)


@dataclass(frozen=True)
class Taken:
    """A data set that images were taken out of: its new object, and what its digest covers."""

    name: str
    contents: SetContents
    stored_bytes: int


async def places(session: AsyncSession, found: Found, dataset: Dataset) -> list[int]:
    """Return the places of the images of an identity in a data set.

    Raises: ConflictError if the stored set cannot be read.
    """
    name, key, labels = await _object(session, dataset), await _key(session, dataset), found.labels(dataset)

    def read() -> list[int]:
        with opened(name, key) as file:
            return places_of(labels_of(file), labels)

    try:
        return await anyio.to_thread.run_sync(read)
    except UNREADABLE as error:
        raise _damaged(dataset) from error


async def pngs(session: AsyncSession, dataset: Dataset, wanted: Sequence[int]) -> list[bytes]:
    """Return private images as PNG. Raises: ConflictError if the stored set cannot be read."""
    name, key = await _object(session, dataset), await _key(session, dataset)

    def read() -> list[bytes]:
        with opened(name, key) as file:
            return [encode(image) for image in read_images(file, wanted)]

    try:
        return await anyio.to_thread.run_sync(read)
    except UNREADABLE as error:
        raise _damaged(dataset) from error


async def take_out(session: AsyncSession, found: Found, dataset: Dataset) -> Taken:
    """Write the data set without the identity, under a new key. The old object stays.

    Raises: ConflictError if the stored set cannot be read.
    """
    old, key, labels = await _object(session, dataset), await _key(session, dataset), found.labels(dataset)
    name = f"datasets/{dataset.id}/{uuid4().hex}.npz"
    new_key = await session.run_sync(make_key, dataset.project_id, name)

    def write() -> Taken:
        size = 0

        def counted(pieces: Iterator[bytes]) -> Iterator[bytes]:
            nonlocal size
            for piece in pieces:
                size += len(piece)
                yield piece

        with opened(old, key) as file:
            store().put(name, apart(sealed(counted(without(file, labels)), new_key, name)))
        with opened(name, new_key) as file:
            return Taken(name, read_contents(file), size)

    try:
        return await anyio.to_thread.run_sync(write)
    except UNREADABLE as error:
        await anyio.to_thread.run_sync(store().delete, name)
        raise _damaged(dataset) from error


def move_references(session: Session, dataset: Dataset, gone: Sequence[int]) -> None:
    """Let the scores of earlier audits refer to the places that images have now.

    Further similar images are forgotten.
    """
    erased = cast(list(gone), ARRAY(Integer))
    place = Score.nearest_reference
    moved = case((place == func.any(erased), None), else_=place - func.width_bucket(place, erased))
    audits = select(Audit.id).where(Audit.private_dataset_id == dataset.id)
    values = {"nearest_reference": moved, "details": Score.details.op("-")("references")}
    session.execute(update(Score).where(Score.audit_id.in_(audits), place.is_not(None)).values(values))


async def forget_pictures(session: AsyncSession, audit: Audit, indices: Sequence[int]) -> int:
    """Delete the pictures of an identity, and seal all others of the audit under a new key.

    Returns how many keys were destroyed.
    """
    left = (Reconstruction.audit_id == audit.id, Reconstruction.sealed_image.is_not(None))
    gone = update(Reconstruction).where(*left, Reconstruction.identity.in_(indices))
    gone = gone.values(sealed_image=None, sealed_film=None)
    await session.execute(gone, execution_options={"synchronize_session": False})
    name = pictures_of(audit.id)
    old = await session.run_sync(find_key, name)
    if old is None:
        return 0
    destroyed = await session.run_sync(destroy_keys, [name])
    new = await session.run_sync(make_key, audit.project_id, name)
    columns = ("id", "source", "identity", "seed", "restart", "attack", "sealed_image", "sealed_film")
    statement = select(*(getattr(Reconstruction, column) for column in columns)).where(*left)
    statement = statement.order_by(Reconstruction.id).limit(AT_ONCE)
    after = None
    while rows := (await session.execute(statement if after is None else statement.where(after))).all():
        again = await anyio.to_thread.run_sync(_sealed_again, audit.id, rows, old, new)
        await session.execute(update(Reconstruction), again)
        after = Reconstruction.id > rows[-1].id
    return destroyed


def _sealed_again(audit_id: UUID, rows: Sequence[Any], old: bytes, new: bytes) -> list[dict[str, Any]]:
    again = []
    for row in rows:
        context = context_of(audit_id, row)
        film, of_film = row.sealed_film, film_context(context)
        again.append(
            {
                "id": row.id,
                "sealed_image": seal(new, unseal(old, row.sealed_image, context), context),
                "sealed_film": None if film is None else seal(new, unseal(old, film, of_film), of_film),
            }
        )
    return again


def context_of(audit_id: UUID, row: Any) -> str:
    """Return the context that a picture is sealed with."""
    return image_context(audit_id, row.source, row.identity, row.seed, row.restart, attack=row.attack)


async def _object(session: AsyncSession, dataset: Dataset) -> str:
    if dataset.object_key is None:
        raise UnprocessableError("not_ready", f"Data set {dataset.name!r} has no images.")
    return dataset.object_key


async def _key(session: AsyncSession, dataset: Dataset) -> bytes | None:
    return await session.run_sync(find_key, dataset.object_key or "")


def _damaged(dataset: Dataset) -> ConflictError:
    return ConflictError(
        "images_changed", f"The stored data set {dataset.name!r} cannot be read. Restore it from a backup."
    )
