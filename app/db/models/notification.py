"""Notification: an event that a project may be told about, delivered by the scheduler."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, Index, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Identified


class Notification(Identified, Base):
    """An event of a project, written in the transaction that causes it.

    `kind` is `decision.made`, `decision.failed`, `decision.regressed`, `waiver.expiring` or
    `schedule.failing`.
    """

    __tablename__ = "notification"
    __table_args__ = (
        Index("ix_notification_undispatched", "created_at", postgresql_where=text("dispatched_at IS NULL")),
    )

    project_id: Mapped[UUID] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(40))
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    dispatched_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
