"""Source: a place outside where new files of a target appear."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Identified


class SourceKind(StrEnum):
    """Kinds of sources."""

    HTTPS = "https"
    S3 = "s3"
    HUB = "hf"
    MLFLOW = "mlflow"


class Source(Identified, Base):
    """A watched address, and the description of the releases that are made from it.

    `seen` is the revision that was found last: an ETag, a commit or a version. `errors` counts the
    checks that failed since the last one that succeeded.
    """

    __tablename__ = "source"
    __table_args__ = (
        UniqueConstraint("project_id", "name"),
        CheckConstraint(f"kind IN ({', '.join(repr(k.value) for k in SourceKind)})", name="kind"),
        Index("ix_source_next_check_at", "next_check_at", postgresql_where=text("active")),
    )

    project_id: Mapped[UUID] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), index=True)
    target_id: Mapped[UUID] = mapped_column(ForeignKey("target.id", ondelete="CASCADE"), index=True)
    schedule_id: Mapped[UUID | None] = mapped_column(ForeignKey("schedule.id", ondelete="SET NULL"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    kind: Mapped[SourceKind] = mapped_column(String(10))
    address: Mapped[str] = mapped_column(String(1000))
    release: Mapped[dict[str, Any]] = mapped_column(JSONB)
    check_seconds: Mapped[int] = mapped_column(Integer)
    write_back: Mapped[bool] = mapped_column(Boolean)
    pass_alias: Mapped[str | None] = mapped_column(String(100))
    sealed_secret: Mapped[bytes] = mapped_column(LargeBinary)
    active: Mapped[bool] = mapped_column(Boolean, server_default=true())
    next_check_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    checked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    seen: Mapped[str | None] = mapped_column(String(300))
    errors: Mapped[int] = mapped_column(Integer, server_default="0")
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    created_by: Mapped[str] = mapped_column(String(100))
