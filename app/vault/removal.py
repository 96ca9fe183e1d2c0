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


def remove_objects(receipt_id: UUID, objects: Sequence[str]) -> None:
    """Delete objects, and everything below keys that end with a slash, and record it."""
    for key in objects:
        for one in store().listed(key, older_than=datetime.max.replace(tzinfo=UTC)) if key.endswith("/") else [key]:
            store().delete(one)
    with sync_session() as session:
        session.execute(update(Receipt).where(Receipt.id == receipt_id).values(removed_at=func.now()))


def remove_waiting() -> int:
    """Delete what an interrupted deletion left in the store. Returns the number of deletions."""
    with sync_session() as session:
        waiting = session.execute(select(Receipt.id, Receipt.objects).where(Receipt.removed_at.is_(None))).all()
    for row in waiting:
        remove_objects(row.id, row.objects)
    if waiting:
        log.info("deletions.objects_removed", deletions=len(waiting))
    return len(waiting)
