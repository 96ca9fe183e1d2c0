"""Waiver: permission to ship a checkpoint although a rule fails or an identity is exposed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, Boolean, CheckConstraint, DateTime, ForeignKey, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Identified


class Waiver(Identified, Base):
    """A waiver of one rule or one finding, bound to a target and the digest of a checkpoint.

    It counts from `approved_at` until `expires_at` or `ended_at`. `warned_days` is the shortest
    warning before the expiry that was given, in days. `asked_for_by` names everybody behind the
    request: the caller, and the people who made its key.
    """

    __tablename__ = "waiver"
    __table_args__ = (
        CheckConstraint("(rule IS NULL) <> (finding IS NULL)", name="subject"),
        CheckConstraint("(approved_at IS NULL) = (approved_by IS NULL)", name="approved_by"),
        CheckConstraint("approved_by_id <> asked_by_id", name="four_eyes"),
    )

    project_id: Mapped[UUID] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), index=True)
    target_id: Mapped[UUID] = mapped_column(ForeignKey("target.id", ondelete="CASCADE"), index=True)
    release_id: Mapped[UUID] = mapped_column(ForeignKey("release.id", ondelete="CASCADE"), index=True)
    rule: Mapped[str | None] = mapped_column(String(10))
    finding: Mapped[str | None] = mapped_column(String(200))
    digest: Mapped[str] = mapped_column(String(80))
    until_next_release: Mapped[bool] = mapped_column(Boolean)
    reason: Mapped[str] = mapped_column(Text)
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    asked_by: Mapped[str] = mapped_column(String(200))
    asked_by_id: Mapped[UUID]
    asked_for_by: Mapped[list[str]] = mapped_column(ARRAY(String), server_default="{}")
    approved_by: Mapped[str | None] = mapped_column(String(200))
    approved_by_id: Mapped[UUID | None]
    approved_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    revoked_by: Mapped[str | None] = mapped_column(String(200))
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    warned_days: Mapped[int | None] = mapped_column(Integer)
