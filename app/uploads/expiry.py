"""Deletion of unfinished uploads that expired, and of orphans in quarantine."""

from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from app.db import moves
from app.db.base import Base
from app.db.models import Reservation, Upload
from app.db.moves import Leftover
from app.db.states import UploadState
from app.storage.store import store
from app.vault import quarantine

log = structlog.get_logger(__name__)

REMEMBERED = timedelta(days=7)  # so that a late client gets 410, not 404
HOLDERS = ("object_key", "original_key")  # columns that refer to objects in quarantine
ORPHANED = timedelta(days=2)  # an upload in one request has no row until it is complete


def expire(session: Session) -> list[Leftover | None]:
    """End expired uploads. Return what to remove from the store after the commit."""
    statement = select(Upload).where(
        Upload.state == UploadState.RECEIVING,
        Upload.expires_at < func.now(),
        or_(Upload.lease_until.is_(None), Upload.lease_until < func.now()),
    )
    due = session.execute(statement.with_for_update(skip_locked=True)).scalars().all()
    left = [moves.end_upload(upload, UploadState.EXPIRED) for upload in due]
    if due:
        log.info("uploads.expired", count=len(due))
    session.execute(delete(Reservation).where(Reservation.expires_at < func.now()))
    forgotten = delete(Upload).where(Upload.state != UploadState.RECEIVING, Upload.expires_at < func.now() - REMEMBERED)
    session.execute(forgotten)
    return left


def remove_orphans(session: Session) -> int:
    """Delete old objects in quarantine that no row refers to. Return their number."""
    old = store().listed("quarantine/", older_than=datetime.now(UTC) - ORPHANED)
    if not old:
        return 0
    wholes = [key.partition(".rest.")[0] for key in old]  # the rest that waits for the next part belongs to its upload
    known: set[str | None] = set()
    for table in Base.metadata.tables.values():
        for column in (table.columns[name] for name in HOLDERS if name in table.columns):
            known |= set(session.scalars(select(column).where(column.in_(wholes))))
    orphans = [key for key, whole in zip(old, wholes, strict=True) if whole not in known]
    for key in orphans:
        quarantine.discard(key)
    if orphans:
        log.warning("uploads.orphans_removed", count=len(orphans))
    return len(orphans)
