"""Schedule: when a target is audited, and how."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, DateTime, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Identified


class CatchUp(StrEnum):
    """What happens to runs that were due while no scheduler was running."""

    ONCE = "once"  # one run for all of them
    NONE = "none"  # no run


class Schedule(Identified, Base):
    """A cron expression in a time zone, and a request for an audit without its release.

    `next_at` is the time at which the next run is recorded. It is null while the schedule is
    paused. `failures` counts the failed runs since the last one that succeeded.
    """

    __tablename__ = "schedule"
    __table_args__ = (
        UniqueConstraint("project_id", "name"),
        CheckConstraint(f"catch_up IN ({', '.join(repr(c.value) for c in CatchUp)})", name="catch_up"),
        CheckConstraint("active = (next_at IS NOT NULL)", name="next_at"),
        Index("ix_schedule_next_at", "next_at", postgresql_where=text("active")),
    )

    project_id: Mapped[UUID] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), index=True)
    target_id: Mapped[UUID] = mapped_column(ForeignKey("target.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    cron: Mapped[str] = mapped_column(String(100))
    timezone: Mapped[str] = mapped_column(String(64))
    audit: Mapped[dict[str, Any]] = mapped_column(JSONB)
    catch_up: Mapped[CatchUp] = mapped_column(String(10), server_default=CatchUp.ONCE)
    jitter_seconds: Mapped[int] = mapped_column(Integer, server_default="0")
    repeat_after_days: Mapped[int | None] = mapped_column(Integer)
    active: Mapped[bool] = mapped_column(Boolean)
    next_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    last_due_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    failures: Mapped[int] = mapped_column(Integer, server_default="0")
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    created_by: Mapped[str] = mapped_column(String(100))
