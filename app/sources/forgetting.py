"""Deletes incoming webhooks that were handled long ago."""

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.db.models import SourceCall

KEPT = timedelta(days=30)


def forget(session: Session, now: datetime) -> None:
    """Delete handled webhooks after `KEPT`. Until then, repetitions are recognised by them."""
    session.execute(delete(SourceCall).where(SourceCall.handled_at < now - KEPT))
