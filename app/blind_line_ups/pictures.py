"""Pictures of an item as reviewers see them: same size, same colours, no name."""

import base64
import io
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import IO, TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

import anyio
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.audits.cover import encode
from app.audits.watermark import marked
from app.auth.subject import Subject
from app.blind_line_ups.log import keyed
from app.datasets import repository
from app.datasets.packed import read_images
from app.db.models import Audit, BlindLineUp, BlindLineUpItem, Dataset, Reconstruction, Release
from app.errors import GoneError
from app.jobs.sealing import image_context
from app.kit.crypto import unseal
from app.kit.ids import public_id
from app.storage.store import MissingObjectError
from app.vault.keys import find_key, pictures_of
from app.vault.objects import opened

if TYPE_CHECKING:
    from PIL.Image import Image

EVEN = bytes(value & 0xFE for value in range(256))
"""The even value of each byte."""
PREFIX = "data:image/png;base64,"


class Shape(NamedTuple):
    """Height, width and channels that all pictures have: those of the release."""

    height: int
    width: int
    channels: int


async def shown(
    session: AsyncSession, subject: Subject, line_up: BlindLineUp, item: BlindLineUpItem, purpose: str
) -> tuple[list[str], list[str]]:
    """Return the pictures of an item, its own first, and what the audit log names them.

    Raises: GoneError.
    """
    audit = await session.get_one(Audit, line_up.audit_id)
    if audit.images_deleted_at is not None:
        raise _gone()
    dataset = await session.get_one(Dataset, audit.private_dataset_id)
    convention = await session.scalar(select(Release.convention).where(Release.id == audit.release_id)) or {}
    shape = Shape(int(convention["height"]), int(convention["width"]), int(convention["channels"]))
    made = None if item.reconstruction_id is None else await _reconstruction(session, audit, item.reconstruction_id)
    places = [candidate["photograph"] for candidate in item.candidates]
    if item.photograph is not None:
        places.insert(0, item.photograph)
    name = dataset.object_key
    if name is None:
        raise _gone()
    key = await session.run_sync(find_key, name)
    moment = datetime.now(UTC).isoformat(timespec="seconds")
    mark = f"{public_id('blu', line_up.id)}, item {item.number}, shown to {subject.name} at {moment} for: {purpose}"
    try:
        pngs = await anyio.to_thread.run_sync(_pngs, name, key, places, made, shape)
    except MissingObjectError:
        raise _gone() from None
    named = [f"{public_id('dst', dataset.id)}/{place}" for place in places]
    if item.reconstruction_id is not None:
        named.append(public_id("rec", item.reconstruction_id))
    return [address(marked(png, mark)) for png in pngs], sorted(keyed(line_up.seed, one) for one in named)


async def keep_places(session: AsyncSession, line_up: BlindLineUp) -> None:
    """Let items refer to the same photographs until the transaction ends."""
    audit = await session.get_one(Audit, line_up.audit_id)
    if audit.private_dataset_id is not None:
        await repository.keep_places(session, await session.get_one(Dataset, audit.private_dataset_id))


def address(png: bytes) -> str:
    """Return a picture as an address that a page can show."""
    return PREFIX + base64.b64encode(png).decode()


async def _reconstruction(session: AsyncSession, audit: Audit, reconstruction_id: UUID) -> bytes:
    row = await session.get_one(Reconstruction, reconstruction_id)
    key = await session.run_sync(find_key, pictures_of(audit.id))
    if row.sealed_image is None or key is None:
        raise _gone()
    context = image_context(audit.id, row.source, row.identity, row.seed, row.restart, attack=row.attack)
    return await anyio.to_thread.run_sync(unseal, key, row.sealed_image, context)


def _pngs(name: str, key: bytes | None, places: Sequence[int], made: bytes | None, shape: Shape) -> list[bytes]:
    with opened(name, key) as file:
        return alike_pngs(file, places, made, shape)


def alike_pngs(file: IO[bytes], places: Sequence[int], made: bytes | None, shape: Shape) -> list[bytes]:
    """Return a reconstruction, if there is one, and images of a packed set as PNG."""
    from PIL import Image

    first = [] if made is None else [Image.open(io.BytesIO(made))]
    return [encode(_alike(image, shape)) for image in [*first, *read_images(file, places)]]


def _alike(image: Any, shape: Shape) -> "Image":
    """Return pixels alone, in the size and colours of the release.

    The lowest bit of each value is dropped. Otherwise the digest of the pixels would find a
    reconstruction in the list of the audit, with the identity it shows.
    """
    from PIL import Image

    plain: Image.Image = image.convert("L" if shape.channels == 1 else "RGB")
    size = (shape.width, shape.height)
    resized = plain if plain.size == size else plain.resize(size, Image.Resampling.LANCZOS)
    return Image.frombytes(resized.mode, resized.size, resized.tobytes().translate(EVEN))


def _gone() -> GoneError:
    return GoneError(
        "image_deleted", "The pictures of this blind line-up were deleted. The answers that were given remain."
    )
