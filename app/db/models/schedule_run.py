"""Run of a schedule: recorded once for each time at which it was due."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Identified
from app.db.states import RunState


class Trigger(StrEnum):
    """What made a run due."""

    CRON = "cron"
    MANUAL = "manual"
    SOURCE = "source"  # a watched source has a new release


class SkipReason(StrEnum):
    """Why a run was not needed."""

    UNCHANGED = "unchanged"  # same release, plan and engine, and the verdict still counts
    OVERLAP = "overlap"  # an earlier audit of the same kind is still running
    QUOTA = "quota"  # too many scheduled audits of the project are running
    MISSED = "missed"  # nobody recorded it in time, and the schedule does not catch up
    NO_RELEASE = "no_release"  # the target has no release that is ready


class ScheduleRun(Identified, Base):
    """A run. `missed` counts earlier due times that this run stands for."""

    __tablename__ = "schedule_run"
    __table_args__ = (
        UniqueConstraint("schedule_id", "due_at"),
        CheckConstraint(f"state IN ({', '.join(repr(s.value) for s in RunState)})", name="state"),
        CheckConstraint(f"trigger IN ({', '.join(repr(t.value) for t in Trigger)})", name="trigger"),
        CheckConstraint("(state = 'skipped') = (reason IS NOT NULL)", name="reason"),
        Index("ix_schedule_run_due", "due_at", "id", postgresql_where=text("state = 'due'")),
        Index("ix_schedule_run_started", "project_id", postgresql_where=text("state = 'started'")),
    )

    project_id: Mapped[UUID] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), index=True)
    schedule_id: Mapped[UUID] = mapped_column(ForeignKey("schedule.id", ondelete="CASCADE"))
    due_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    trigger: Mapped[Trigger] = mapped_column(String(10))
    missed: Mapped[int] = mapped_column(Integer, server_default="0")
    state: Mapped[RunState] = mapped_column(String(10), server_default=RunState.DUE)
    reason: Mapped[SkipReason | None] = mapped_column(String(20))
    detail: Mapped[str | None] = mapped_column(Text)
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    release_id: Mapped[UUID | None] = mapped_column(ForeignKey("release.id", ondelete="SET NULL"), index=True)
    audit_id: Mapped[UUID | None] = mapped_column(ForeignKey("audit.id", ondelete="SET NULL"), index=True)
    finished_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
