"""Change of a source: a revision, and the release that was made from it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Identified


class SourceChange(Identified, Base):
    """A revision of a source. `next_at` is when it is looked at again, null at its end."""

    __tablename__ = "source_change"
    __table_args__ = (
        UniqueConstraint("source_id", "revision"),
        Index("ix_source_change_next_at", "next_at", postgresql_where=text("next_at IS NOT NULL")),
    )

    project_id: Mapped[UUID] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), index=True)
    source_id: Mapped[UUID] = mapped_column(ForeignKey("source.id", ondelete="CASCADE"))
    revision: Mapped[str] = mapped_column(String(300))
    release_id: Mapped[UUID | None] = mapped_column(ForeignKey("release.id", ondelete="SET NULL"), index=True)
    run_id: Mapped[UUID | None] = mapped_column(ForeignKey("schedule_run.id", ondelete="SET NULL"), index=True)
    audit_id: Mapped[UUID | None] = mapped_column(ForeignKey("audit.id", ondelete="SET NULL"), index=True)
    next_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    errors: Mapped[int] = mapped_column(Integer, server_default="0")
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    written_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
