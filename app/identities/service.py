"""Previews and erasures of one identity."""

from datetime import UTC, datetime
from functools import partial
from typing import NamedTuple
from uuid import UUID

import anyio
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from app.attestations import service as signing
from app.auth import audit_log
from app.auth.scopes import Scope
from app.auth.subject import Subject
from app.blind_line_ups.erasing import forget_identities, move_photographs
from app.contract.erased import placeholder
from app.datasets.set_digest import set_digest
from app.db.models import Artifact, Dataset, Receipt
from app.db.transaction import after_commit
from app.deletions import schemas as deletions
from app.deletions.service import statement
from app.errors import ConflictError, UnprocessableError
from app.identities import images, preview, schemas
from app.identities.documents import rename
from app.identities.finding import SHORTEST_SEARCHED, Found, find
from app.identities.numbering import ERASED, PLACES, spans
from app.identities.preview import Planned
from app.identities.pseudonyms import Pseudonym
from app.kit.ids import public_id
from app.projects import repository as projects
from app.sentences.erasure import erased_in_set
from app.vault.keys import destroy_keys
from app.vault.removal import remove_objects


class _Erasing(NamedTuple):
    """An identity, what takes the place of its name, and when it is erased."""

    found: Found
    pseudonym: Pseudonym
    now: datetime


async def look(
    session: AsyncSession, subject: Subject, project_id: UUID, body: schemas.IdentityNames
) -> schemas.IdentityPreview:
    """Return what is held about an identity and what its erasure would do. Changes nothing."""
    await projects.get(session, subject, project_id)
    found = await find(session, project_id, body.names, lock=None)
    planned, _ = await _planned(session, found)
    return preview.document(planned)


async def erase(
    session: AsyncSession, subject: Subject, project_id: UUID, body: schemas.IdentityErasure
) -> deletions.Receipt:
    """Erase an identity in this transaction, and remove the old objects after it."""
    subject.require(Scope.DATA_DELETE)
    await projects.get(session, subject, project_id)
    found = await find(session, project_id, body.names, lock="all")
    planned, places = await _planned(session, found)
    _check(planned, body)
    pseudonym, now = Pseudonym(found.names, placeholder()), datetime.now(UTC)
    contents, objects = planned.contents, planned.objects
    sets = [
        await _take_out(session, _Erasing(found, pseudonym, now), row, gone)
        for row, gone in zip(found.datasets, places, strict=True)
    ]
    keys = await session.run_sync(destroy_keys, objects)
    await session.execute(delete(Artifact).where(Artifact.id.in_(planned.artifacts)))
    for audit in found.audits:
        if indices := found.indices(audit):
            keys += await images.forget_pictures(session, audit, indices)
            await session.run_sync(forget_identities, audit, indices)
    await session.run_sync(rename, found, pseudonym, now)
    document = {
        **{"subject": pseudonym.text, "kind": "identity", "name": pseudonym.text, "digest": None},
        **{"destroyed": contents, "keys_destroyed": keys, "kept": planned.kept, "sets": sets},
        **{"reason": body.reason, "deleted_by": subject.name, "deleted_at": now.isoformat()},
    }
    receipt = Receipt(
        project_id=project_id,
        kind="identity",
        subject=pseudonym.text,
        document=document,
        envelope=await signing.signed(session, subject, statement(document)),
        objects=objects,
    )
    session.add(receipt)
    await session.flush()
    await session.refresh(receipt)
    details = {"receipt": public_id("rcp", receipt.id), "reason": body.reason, "keys_destroyed": keys}
    details["datasets"] = [one["dataset"] for one in sets]
    details[PLACES] = {one["dataset"]: spans(gone) for one, gone in zip(sets, places, strict=True)}
    await audit_log.write(session, subject, ERASED, pseudonym.text, project_id=project_id, details=details)
    after_commit(session, partial(anyio.to_thread.run_sync, remove_objects, receipt.id, objects))
    return deletions.Receipt.model_validate(receipt)


async def _planned(session: AsyncSession, found: Found) -> tuple[Planned, list[list[int]]]:
    """Return the erasure, and the places of the images in each data set."""
    places = [await images.places(session, found, row) for row in found.datasets]
    return await session.run_sync(preview.planned_erasure, found, [len(one) for one in places]), places


def _check(planned: Planned, body: schemas.IdentityErasure) -> None:
    if planned.holds:
        raise ConflictError("held", f"A legal hold forbids this erasure. {'; '.join(planned.holds)}.")
    if planned.running:
        named = ", ".join(planned.running[:5])
        raise ConflictError(
            "in_use", f"{len(planned.running)} audits that use it have not ended ({named}). Cancel them first."
        )
    if empty := preview.left_empty(planned.found):
        raise ConflictError("last_identity", f"Nobody else is in data set {empty[0].name!r}. Delete the data set.")
    if body.confirm is not None and body.confirm != planned.confirmation:
        raise ConflictError(
            "deletion_changed",
            "The erasure would now destroy something other than its preview said. Read a new preview.",
        )
    pseudonym = Pseudonym(planned.found.names, "")
    if any(len(name) >= SHORTEST_SEARCHED for name in pseudonym.names) and (
        pseudonym.in_words(body.reason) != body.reason
    ):
        raise UnprocessableError(
            "name_in_reason", "The reason names the identity. The receipt and the audit log would keep the name."
        )


async def _take_out(session: AsyncSession, erasing: _Erasing, row: Dataset, gone: list[int]) -> dict[str, object]:
    """Take the images out of a data set, and return the change for the receipt."""
    found, pseudonym, now = erasing
    before, labels = row.digest, found.labels(row)
    taken = await images.take_out(session, found, row)
    left = [name for label, name in enumerate(row.identities or []) if label not in labels]
    row.object_key, row.stored_bytes, row.images = taken.name, taken.stored_bytes, (row.images or 0) - len(gone)
    row.identities, row.images_digest = left, taken.contents.images_digest
    row.digest = set_digest(taken.contents, left)
    notes = [pseudonym.in_sentence(note) for note in row.notes or []]
    row.notes = [*notes, erased_in_set(pseudonym.text, len(gone), now, before or "unknown")]
    await session.flush()
    await session.run_sync(images.move_references, row, gone)
    await session.run_sync(move_photographs, row, gone)
    return {
        "dataset": public_id("dst", row.id),
        "images": len(gone),
        "digest_before": before,
        "digest_after": row.digest,
    }
