"""Policy: conditions for the releases of a target, in versions that are never edited."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Identified


class Policy(Identified, Base):
    """A named line of versions. `default_since` is set for the default of the project.

    A deleted policy applies to nothing. Its versions and decisions stay readable.
    """

    __tablename__ = "policy"
    __table_args__ = (
        Index(
            "uq_policy_project_id_name", "project_id", "name", unique=True, postgresql_where=text("deleted_at IS NULL")
        ),
        CheckConstraint("deleted_at IS NULL OR default_since IS NULL", name="deleted"),
        Index("ix_policy_default", "project_id", unique=True, postgresql_where=text("default_since IS NOT NULL")),
    )

    project_id: Mapped[UUID] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    default_since: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    deleted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class PolicyVersion(Identified, Base):
    """One version of a policy. A trigger rejects UPDATE."""

    __tablename__ = "policy_version"
    __table_args__ = (UniqueConstraint("policy_id", "version"),)

    project_id: Mapped[UUID] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), index=True)
    policy_id: Mapped[UUID] = mapped_column(ForeignKey("policy.id", ondelete="CASCADE"))
    version: Mapped[int] = mapped_column(Integer)
    document: Mapped[dict[str, Any]] = mapped_column(JSONB)
    digest: Mapped[str] = mapped_column(String(80))
    created_by: Mapped[str] = mapped_column(String(200))
