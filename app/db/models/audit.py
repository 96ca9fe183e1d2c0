"""Audit: a plan run against a release."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Float, ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Identified
from app.db.states import AuditState


class Audit(Identified, Base):
    """Plan, state, verdict and risk of one audit.

    The plan is fixed and digested before any stage runs.
    """

    __tablename__ = "audit"
    __table_args__ = (
        Index("ix_audit_project_id_created_at_id", "project_id", "created_at", "id"),  # lists, newest first
        Index("ix_audit_created_at_id", "created_at", "id"),
        Index("ix_audit_project_id_risk_id", "project_id", text("coalesce(risk, '-Infinity'::float8)"), "id"),
        # An expression: the planner would prefer the index on created_at to one on the column.
        Index("ix_audit_newest_of_release", "release_id", text("timezone('UTC', created_at)"), "id"),
        # retention
        Index("ix_audit_delete_images_at", "delete_images_at", postgresql_where="images_deleted_at IS NULL"),
    )

    project_id: Mapped[UUID] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    release_id: Mapped[UUID] = mapped_column(ForeignKey("release.id"))
    public_dataset_id: Mapped[UUID] = mapped_column(ForeignKey("dataset.id"), index=True)
    private_dataset_id: Mapped[UUID | None] = mapped_column(ForeignKey("dataset.id"), index=True)
    gallery_dataset_id: Mapped[UUID | None] = mapped_column(ForeignKey("dataset.id"), index=True)
    twin_release_id: Mapped[UUID | None] = mapped_column(ForeignKey("release.id"), index=True)
    replay_of: Mapped[UUID | None] = mapped_column(ForeignKey("audit.id", ondelete="SET NULL"), index=True)
    plan: Mapped[dict[str, Any]] = mapped_column(JSONB)
    plan_digest: Mapped[str] = mapped_column(String(80))
    declared_by: Mapped[str] = mapped_column(String(200))
    declaration: Mapped[str] = mapped_column(Text)
    requested_by: Mapped[str] = mapped_column(String(100))
    state: Mapped[AuditState] = mapped_column(String(20), server_default=AuditState.QUEUED)
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    estimate: Mapped[dict[str, Any]] = mapped_column(JSONB)
    evidence_level: Mapped[str | None] = mapped_column(String(20))
    verdict: Mapped[str | None] = mapped_column(String(20))
    risk: Mapped[float | None] = mapped_column(Float)
    risk_low: Mapped[float | None] = mapped_column(Float)
    risk_high: Mapped[float | None] = mapped_column(Float)
    result: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    frozen_digest: Mapped[str | None] = mapped_column(String(80))
    frozen_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    started_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    finished_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    cancel_requested_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    delete_images_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    images_deleted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    event_seq: Mapped[int] = mapped_column(Integer, server_default="0")
