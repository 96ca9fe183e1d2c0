"""Delivery of an event to a webhook."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Identified
from app.db.states import DeliveryState


class WebhookDelivery(Identified, Base):
    """An event, its attempts and the last answer. `next_at` is when it is sent (again)."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        CheckConstraint(f"state IN ({', '.join(repr(s.value) for s in DeliveryState)})", name="state"),
        Index(
            "uq_webhook_delivery_webhook_id_notification_id",
            "webhook_id",
            "notification_id",
            unique=True,
            postgresql_where=text("replay_of IS NULL"),
        ),
        Index("ix_webhook_delivery_next_at", "next_at", postgresql_where=text("state = 'pending'")),
    )

    project_id: Mapped[UUID] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), index=True)
    webhook_id: Mapped[UUID] = mapped_column(ForeignKey("webhook.id", ondelete="CASCADE"), index=True)
    notification_id: Mapped[UUID | None] = mapped_column(ForeignKey("notification.id", ondelete="CASCADE"), index=True)
    replay_of: Mapped[UUID | None] = mapped_column(ForeignKey("webhook_delivery.id", ondelete="SET NULL"), index=True)
    message_id: Mapped[str] = mapped_column(String(40))
    event: Mapped[str] = mapped_column(String(40))
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    state: Mapped[DeliveryState] = mapped_column(String(10), server_default=DeliveryState.PENDING)
    attempts: Mapped[int] = mapped_column(Integer, server_default="0")
    next_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    status_code: Mapped[int | None] = mapped_column(Integer)
    error: Mapped[str | None] = mapped_column(Text)
    finished_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
