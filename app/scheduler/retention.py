"""Retention: deletes data at the end of its period. Digests and scores are kept."""

from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.orm import Session

from app.db import moves
from app.db.models import (
    Audit,
    BrowserSession,
    IdempotencyKey,
    Original,
    Reconstruction,
    Release,
    SignInLink,
    Upload,
    WorkerNode,
)
from app.db.session import sync_session
from app.db.states import FINISHED_AUDIT, IntakeState, UploadState
from app.holds.repository import without_held
from app.jobs.sheets import TRAININGS
from app.problem_types import problem_body
from app.storage.store import store
from app.uploads.owners import KINDS
from app.vault import quarantine
from app.vault.keys import destroy_keys, pictures_of, wrap_again

log = structlog.get_logger(__name__)

ABANDONED = timedelta(hours=24)
FORGET_WORKER = timedelta(hours=1)
FORGET_TRAINING = timedelta(days=7)


def sweep(session: Session) -> dict[str, int]:
    """Delete what is due. Returns the number of deleted rows of each kind."""
    counts = {
        "images": delete_images(session),
        "keys_wrapped_again": wrap_again(session),
        "idempotency_keys": expired(session, IdempotencyKey),
        "sessions": expired(session, BrowserSession),
        "sign_in_links": expired(session, SignInLink),
        "workers": forget_workers(session),
        "uploads": abandon_uploads(session),
    }
    if any(counts.values()):
        log.info("retention.swept", **counts)
    return counts


def delete_images(session: Session) -> int:
    """Delete the keys and ciphertexts of audits that are due.

    Without the key nothing can be decrypted. A legal hold keeps them.
    """
    due = select(Audit).where(
        Audit.delete_images_at < func.now(),
        Audit.images_deleted_at.is_(None),
        Audit.state.in_([state.value for state in FINISHED_AUDIT]),
    )
    audits = session.scalars(due.with_for_update(skip_locked=True, key_share=True)).all()
    ids = [audit.id for audit in without_held(session, audits)]
    if not ids:
        return 0
    images = update(Reconstruction).where(Reconstruction.audit_id.in_(ids), Reconstruction.sealed_image.is_not(None))
    gone = session.execute(images.values(sealed_image=None, sealed_film=None).returning(Reconstruction.id)).all()
    destroy_keys(session, [pictures_of(audit_id) for audit_id in ids])
    session.execute(update(Audit).where(Audit.id.in_(ids)).values(images_deleted_at=func.now()))
    return len(gone)


def expired(session: Session, model: type[IdempotencyKey] | type[BrowserSession] | type[SignInLink]) -> int:
    """Delete rows past their `expires_at`."""
    statement = delete(model).where(model.expires_at < func.now()).returning(model.expires_at)
    return len(session.execute(statement).all())


def forget_workers(session: Session) -> int:
    """Delete workers that ended without signing off, after an hour."""
    statement = delete(WorkerNode).where(WorkerNode.seen_at < func.now() - FORGET_WORKER)
    return len(session.execute(statement.returning(WorkerNode.name)).all())


def forget_trainings() -> int:
    """Delete states of priors in training of cancelled audits after a week without use."""
    states = store().listed(TRAININGS, older_than=datetime.now(UTC) - FORGET_TRAINING)
    with sync_session() as session:
        destroy_keys(session, states)
    for key in states:
        store().delete(key)
    if states:
        log.info("retention.trainings", deleted=len(states))
    return len(states)


def forget_originals() -> int:
    """Delete originals of converted checkpoints that are due. Returns their number.

    The row is updated first, so that a crash leaves an orphan in quarantine, which is swept away
    later.
    """
    with sync_session() as session:
        due = select(Release).where(Release.original == Original.KEPT, Release.original_until < func.now())
        releases = session.execute(due.with_for_update(skip_locked=True)).scalars().all()
        keys = [release.original_key for release in releases if release.original_key is not None]
        for release in releases:
            release.original, release.original_key = Original.DELETED, None
    for key in keys:
        quarantine.discard(key)
    if keys:
        log.info("retention.originals", deleted=len(keys))
    return len(keys)


def abandon_uploads(session: Session) -> int:
    """Reject releases, data sets and verifiers whose file did not arrive within a day."""
    problem = problem_body(
        "upload_abandoned", "No file arrived within 24 hours. Create the resource again and upload its file."
    )
    gone = 0
    for kind in KINDS:
        arriving = exists().where(Upload.state == UploadState.RECEIVING, getattr(Upload, kind.column) == kind.table.id)
        due = select(kind.table).where(
            kind.table.state == IntakeState.AWAITING_UPLOAD, kind.table.created_at < func.now() - ABANDONED, ~arriving
        )
        owners: Any = session.execute(due.with_for_update(skip_locked=True)).scalars().all()
        for owner in owners:
            moves.refuse(owner, problem)
        gone += len(owners)
    return gone
