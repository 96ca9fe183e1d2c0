"""Call of a source: an incoming webhook that was accepted and is handled later."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Identified


class SourceCall(Identified, Base):
    """An accepted webhook. Without a `revision` the source is checked."""

    __tablename__ = "source_call"
    __table_args__ = (
        UniqueConstraint("source_id", "delivery"),
        Index("ix_source_call_waiting", "created_at", postgresql_where=text("handled_at IS NULL")),
    )

    source_id: Mapped[UUID] = mapped_column(ForeignKey("source.id", ondelete="CASCADE"))
    delivery: Mapped[str] = mapped_column(String(300))
    revision: Mapped[str | None] = mapped_column(String(300))
    handled_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
