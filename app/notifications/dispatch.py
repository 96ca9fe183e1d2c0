"""Turns events into deliveries, and keeps both for a while."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.db.models import Notification, Webhook, WebhookDelivery
from app.notifications.schemas import event_document

BATCH = 100
KEPT = timedelta(days=30)
PRIVATE = frozenset({"names", "identities", "exposed_names", "finding", "findings"})
"""Fields that could name a person. They are not sent."""


def dispatch(session: Session, now: datetime) -> int:
    """Queue a delivery for every webhook that is sent an event. Returns the number of events."""
    statement = (
        select(Notification)
        .where(Notification.dispatched_at.is_(None))
        .order_by(Notification.created_at)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    events = session.execute(statement).scalars().all()
    projects = {event.project_id for event in events}
    receivers = session.execute(select(Webhook).where(Webhook.project_id.in_(projects), Webhook.active)).scalars().all()
    made = [
        delivery(event, webhook, now)
        for event in events
        for webhook in receivers
        if webhook.project_id == event.project_id and event.kind in webhook.events
    ]
    if made:
        session.execute(insert(WebhookDelivery).on_conflict_do_nothing(), made)
    for event in events:
        event.dispatched_at = now
    return len(events)


def delivery(event: Notification, webhook: Webhook, now: datetime) -> dict[str, Any]:
    """Return the columns of the delivery of an event."""
    at = event.created_at.isoformat(timespec="seconds")
    return {
        "project_id": event.project_id,
        "webhook_id": webhook.id,
        "notification_id": event.id,
        "message_id": f"msg_{event.id.hex}",
        "event": event.kind,
        "payload": event_document(event.kind, at, without_names(event.payload)),
        "next_at": now,
    }


def without_names(value: Any) -> Any:
    """Return a payload without the fields that could name a person."""
    if isinstance(value, dict):
        return {key: without_names(one) for key, one in value.items() if key not in PRIVATE}
    return [without_names(one) for one in value] if isinstance(value, list) else value


def forget(session: Session, now: datetime) -> int:
    """Delete events, with their deliveries, after `KEPT`. Returns the number of events."""
    old = delete(Notification).where(Notification.dispatched_at < now - KEPT).returning(Notification.id)
    tests = delete(WebhookDelivery).where(
        WebhookDelivery.notification_id.is_(None), WebhookDelivery.finished_at < now - KEPT
    )
    session.execute(tests)
    return len(session.execute(old).all())
