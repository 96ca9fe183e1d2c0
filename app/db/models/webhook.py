"""Webhook: a receiver of a project's events."""

from enum import StrEnum
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Integer, LargeBinary, String, UniqueConstraint, true
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Identified


class WebhookFormat(StrEnum):
    """What a receiver is sent."""

    STANDARD = "standard"  # a signed JSON document
    SLACK = "slack"  # a message for an incoming webhook of Slack
    EMAIL = "email"  # a message by SMTP


class Webhook(Identified, Base):
    """A receiver, the events that it is sent, and its secret.

    The address is sealed as well, because that of a chat service authorises whoever knows it.
    `shown` is the part that may be displayed. `failures` counts deliveries that failed for good
    since the last one that succeeded.
    """

    __tablename__ = "webhook"
    __table_args__ = (
        UniqueConstraint("project_id", "name"),
        CheckConstraint(f"format IN ({', '.join(repr(f.value) for f in WebhookFormat)})", name="format"),
        CheckConstraint("(format = 'standard') = (sealed_secret IS NOT NULL)", name="sealed_secret"),
    )

    project_id: Mapped[UUID] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    format: Mapped[WebhookFormat] = mapped_column(String(10))
    shown: Mapped[str] = mapped_column(String(1000))
    sealed_address: Mapped[bytes] = mapped_column(LargeBinary)
    sealed_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    events: Mapped[list[str]] = mapped_column(JSONB)
    active: Mapped[bool] = mapped_column(Boolean, server_default=true())
    failures: Mapped[int] = mapped_column(Integer, server_default="0")
    created_by: Mapped[str] = mapped_column(String(100))
