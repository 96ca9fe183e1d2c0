"""Reconstructions and their images: covered for all readers; revealing an original is logged."""

from typing import Any
from uuid import UUID

import anyio
from sqlalchemy import ColumnElement, and_, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.audits import outcome_schemas as schemas
from app.audits import repository
from app.audits.cover import cover
from app.audits.reveal import Reveal, record_reveal
from app.auth.subject import Subject
from app.db.models import Audit, Reconstruction, Release
from app.errors import GoneError, NotFoundError
from app.jobs.sealing import film_context, image_context
from app.kit.crypto import unseal
from app.kit.cursor import Keyset, fetch_page
from app.kit.ids import public_id
from app.vault.keys import find_key, pictures_of

ORDER = Keyset(
    (
        Reconstruction.identity.expression,
        Reconstruction.source.expression,
        Reconstruction.attack.expression,
        Reconstruction.seed.expression,
        Reconstruction.restart.expression,
    )
)

COLUMNS = [getattr(Reconstruction, name) for name in schemas.Reconstruction.model_fields if name != "image_available"]
"""The columns of a list, without the images."""


async def page(
    session: AsyncSession,
    subject: Subject,
    audit_id: UUID,
    filters: dict[str, Any],
    *,
    limit: int,
    cursor: str | None,
) -> schemas.ReconstructionPage:
    """Return the reconstructions of an audit. `filters` maps columns to required values."""
    audit = await repository.shown(session, subject, audit_id)
    wanted: list[ColumnElement[bool]] = [
        getattr(Reconstruction, column) == value for column, value in filters.items() if value is not None
    ]
    kept = and_(Reconstruction.sealed_image.is_not(None), literal(not audit.images_deleted))
    statement = repository.readable_reconstructions(subject).where(Reconstruction.audit_id == audit.id, *wanted)
    columns = statement.with_only_columns(*COLUMNS, kept.label("image_available"))
    rows, following = await fetch_page(session, columns, ORDER, limit=limit, cursor=cursor)
    items = [schemas.Reconstruction(**row._mapping) for row in rows]
    return schemas.ReconstructionPage(items=items, next_cursor=following)


async def image(session: AsyncSession, subject: Subject, reconstruction_id: UUID, reveal: Reveal) -> bytes:
    """Return a PNG: a cover, or the original with scope, purpose and an entry in the audit log."""
    reveal.check(subject)
    row, audit = await repository.get_reconstruction(session, subject, reconstruction_id)
    key = await session.run_sync(find_key, pictures_of(audit.id))
    if row.sealed_image is None or key is None:
        raise _deleted()
    if not reveal.original:
        high, wide = await _size(session, audit)
        return await anyio.to_thread.run_sync(cover, high, wide)
    png = unseal(key, row.sealed_image, _context(row))
    return await record_reveal(session, subject, reveal, public_id("rec", row.id), audit, png=png)


async def film(session: AsyncSession, subject: Subject, reconstruction_id: UUID, reveal: Reveal) -> bytes:
    """Return the film of a reconstruction as a PNG, by the rules of its image.

    Raises: NotFoundError without a film, GoneError once it was deleted.
    """
    reveal.check(subject)
    row, audit = await repository.get_reconstruction(session, subject, reconstruction_id)
    if row.film_steps is None:
        raise NotFoundError("no_film", "This reconstruction has no film. One of each attack and identity has one.")
    key = await session.run_sync(find_key, pictures_of(audit.id))
    await session.refresh(row, ["sealed_film"])
    if row.sealed_film is None or key is None:
        raise _deleted()
    if not reveal.original:
        high, wide = await _size(session, audit)
        return await anyio.to_thread.run_sync(cover, high, wide * len(row.film_steps))
    png = unseal(key, row.sealed_film, film_context(_context(row)))
    return await record_reveal(session, subject, reveal, f"{public_id('rec', row.id)}/film", audit, png=png)


def _deleted() -> GoneError:
    return GoneError(
        "image_deleted", "This image was deleted, at the end of its retention or on request. Its scores remain."
    )


async def _size(session: AsyncSession, audit: Audit) -> tuple[int, int]:
    """Return height and width of the pictures of an audit."""
    size = await session.scalar(select(Release.convention).where(Release.id == audit.release_id)) or {}
    return int(size["height"]), int(size["width"])


def _context(row: Reconstruction) -> str:
    return image_context(row.audit_id, row.source, row.identity, row.seed, row.restart, attack=row.attack)
