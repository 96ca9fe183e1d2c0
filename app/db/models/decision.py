"""Decision: what a policy version says about an audit."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, DateTime, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Identified


class Cause(StrEnum):
    """Why a decision was made."""

    AUDIT = "audit"  # the audit has finished
    POLICY = "policy"  # the target has another policy, or a new version of it
    WAIVER = "waiver"  # a waiver was approved or revoked, or has ended
    TIME = "time"  # the decision before counted until now


class Decision(Identified, Base):
    """A decision, exhume.decision/1.

    A trigger rejects UPDATE, except by the erasure of an identity.

    The decisions of an audit are numbered, and the last one counts. `reference` says whether later
    releases are compared with this one.
    """

    __tablename__ = "decision"
    __table_args__ = (
        UniqueConstraint("audit_id", "number"),
        CheckConstraint("outcome IN ('pass', 'warn', 'fail')", name="outcome"),
        CheckConstraint(f"cause IN ({', '.join(repr(c.value) for c in Cause)})", name="cause"),
        Index("ix_decision_target_id_created_at", "target_id", "created_at"),
        Index("ix_decision_until", "until"),
    )

    project_id: Mapped[UUID] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), index=True)
    audit_id: Mapped[UUID] = mapped_column(ForeignKey("audit.id", ondelete="CASCADE"))
    target_id: Mapped[UUID] = mapped_column(ForeignKey("target.id", ondelete="CASCADE"))
    release_id: Mapped[UUID] = mapped_column(ForeignKey("release.id", ondelete="CASCADE"), index=True)
    policy_version_id: Mapped[UUID] = mapped_column(ForeignKey("policy_version.id", ondelete="CASCADE"), index=True)
    number: Mapped[int] = mapped_column(Integer)
    cause: Mapped[Cause] = mapped_column(String(10))
    outcome: Mapped[str] = mapped_column(String(10))
    reference: Mapped[bool] = mapped_column(Boolean)
    until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    document: Mapped[dict[str, Any]] = mapped_column(JSONB)
