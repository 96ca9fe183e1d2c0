"""Previews, deletions and receipts."""

import hashlib
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID

import anyio
from sqlalchemy.ext.asyncio import AsyncSession

from app.attestations import service as signing
from app.auth import audit_log
from app.auth.scopes import Scope
from app.auth.subject import Subject
from app.contract.predicates import DELETION_TYPE, STATEMENT_TYPE
from app.db.models import Artifact, Receipt
from app.db.transaction import after_commit
from app.deletions import repository, schemas
from app.deletions.carrying_out import carry_out
from app.deletions.plan import Deletion, plan_of
from app.errors import ConflictError
from app.kit.canonical import canonical_json
from app.kit.ids import public_id
from app.kit.listing import listed
from app.vault.removal import remove_objects


async def preview(session: AsyncSession, subject: Subject, kind: str, identifier: UUID) -> schemas.DeletionPreview:
    """Return what a deletion would do. Changes nothing."""
    row = await repository.find(session, subject, kind, identifier, lock=False)
    _require(subject, kind)
    planned = await session.run_sync(plan_of, kind, row)
    return schemas.DeletionPreview(
        subject=planned.subject,
        kind=kind,
        name=_name(row),
        destroys=schemas.Contents(**planned.contents),
        keeps=planned.kept,
        running_audits=planned.running,
        holds=planned.holds,
        possible=not (planned.running or planned.holds or planned.busy),
        confirmation=planned.confirmation,
    )


async def delete(
    session: AsyncSession, subject: Subject, kind: str, identifier: UUID, *, reason: str, confirm: str | None
) -> schemas.Receipt:
    """Destroy keys, pictures and rows in this transaction, and remove the objects after it."""
    row = await repository.find(session, subject, kind, identifier, lock=True)
    _require(subject, kind)
    name, digest = _name(row), _digest(row)
    planned = await session.run_sync(plan_of, kind, row)
    _check(planned, confirm)
    contents = planned.contents
    keys = await session.run_sync(carry_out, planned)
    document = {
        **{"subject": planned.subject, "kind": kind, "name": name, "digest": digest},
        **{"destroyed": contents, "keys_destroyed": keys, "kept": planned.kept},
        **{"reason": reason, "deleted_by": subject.name, "deleted_at": datetime.now(UTC).isoformat()},
    }
    receipt = Receipt(
        project_id=planned.project_id,
        kind=kind,
        subject=planned.subject,
        document=document,
        envelope=await signing.signed(session, subject, statement(document)),
        objects=sorted(set(planned.objects)),
    )
    session.add(receipt)
    await session.flush()
    await session.refresh(receipt)
    details = {"receipt": public_id("rcp", receipt.id), "reason": reason, "keys_destroyed": keys}
    action = f"{kind}.deleted"
    await audit_log.write(session, subject, action, planned.subject, project_id=planned.project_id, details=details)
    after_commit(session, partial(anyio.to_thread.run_sync, remove_objects, receipt.id, receipt.objects))
    return schemas.Receipt.model_validate(receipt)


async def page(
    session: AsyncSession, subject: Subject, project_id: UUID, asked: schemas.ReceiptQuery
) -> schemas.ReceiptPage:
    """List the receipts of a project, newest first."""
    statement = repository.readable(subject).where(Receipt.project_id == project_id)
    rows, following = await listed(session, statement, repository.LISTING, asked)
    return schemas.ReceiptPage(items=[schemas.Receipt.model_validate(row[0]) for row in rows], next_cursor=following)


def statement(document: dict[str, Any]) -> bytes:
    """Return an in-toto statement about what was deleted.

    Its digest is that of the file, or of the document itself where there was none.
    """
    digest = (document["digest"] or "").removeprefix("sha256:")
    covered = digest or hashlib.sha256(canonical_json(document)).hexdigest()
    return canonical_json(
        {
            "_type": STATEMENT_TYPE,
            "subject": [{"name": document["subject"], "digest": {"sha256": covered}}],
            "predicateType": DELETION_TYPE,
            "predicate": document,
        }
    )


def _require(subject: Subject, kind: str) -> None:
    subject.require(Scope.DATA_DELETE)
    if kind == "project":
        subject.require(Scope.PROJECTS_WRITE)


def _check(planned: Deletion, confirm: str | None) -> None:
    if planned.holds:
        raise ConflictError("held", f"A legal hold forbids this deletion. {'; '.join(planned.holds)}.")
    if planned.running:
        named = ", ".join(planned.running[:5])
        raise ConflictError(
            "in_use", f"{len(planned.running)} audits that use it have not ended ({named}). Cancel them first."
        )
    if planned.busy:
        raise ConflictError("being_checked", "Its file is being checked. Try again when the checks have ended.")
    if confirm is not None and confirm != planned.confirmation:
        raise ConflictError(
            "deletion_changed",
            "The deletion would now destroy something other than its preview said. Read a new preview.",
        )


def _name(row: Any) -> str:
    if isinstance(row, Artifact):
        return f"prior of kind {row.details.get('recipe', {}).get('kind', 'unknown')}"
    return str(getattr(row, "name", None) or getattr(row, "version", None) or "")


def _digest(row: Any) -> str | None:
    found: str | None = getattr(row, "digest", None) or getattr(row, "sha256", None)
    return found and (found if ":" in found else f"sha256:{found}")
