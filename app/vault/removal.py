"""Removal of deleted objects from the store, after the transaction that destroyed their keys."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

import structlog
from sqlalchemy import func, select, update

from app.db.models import Receipt
from app.db.session import sync_session
from app.storage.store import store

log = structlog.get_logger(__name__)


def remove_objects(receipt_id: UUID, objects: Sequence[str]) -> bool:
    """Delete objects, and everything below keys that end with a slash, and record it.

    Returns whether that succeeded. The deletion has happened, so a failure of the store is logged
    and the scheduler tries again.
    """
    try:
        for key in objects:
            for one in store().listed(key, older_than=datetime.max.replace(tzinfo=UTC)) if key.endswith("/") else [key]:
                store().delete(one)
        with sync_session() as session:
            session.execute(update(Receipt).where(Receipt.id == receipt_id).values(removed_at=func.now()))
    except Exception as error:  # noqa: BLE001 - stores fail in many ways
        log.warning("deletions.objects_left", receipt_id=str(receipt_id), error=repr(error))
        return False
    return True


def remove_waiting() -> int:
    """Delete what an interrupted deletion left in the store. Returns the number of deletions."""
    with sync_session() as session:
        waiting = session.execute(select(Receipt.id, Receipt.objects).where(Receipt.removed_at.is_(None))).all()
    removed = sum(remove_objects(row.id, row.objects) for row in waiting)
    if removed:
        log.info("deletions.objects_removed", deletions=removed)
    return removed
