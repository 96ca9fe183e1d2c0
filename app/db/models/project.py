"""Project: the part of an organisation to which every other row belongs."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Boolean, DateTime, ForeignKey, Integer, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Identified


class Project(Identified, Base):
    """Models audited together. Projects share nothing but bundled priors and verifiers.

    The row of a deleted project stays, because the entries of its audit log refer to it.
    `retention_days` is null for the days of the settings.
    """

    __tablename__ = "project"
    __table_args__ = (UniqueConstraint("organisation_id", "name"),)

    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    name: Mapped[str] = mapped_column(String(100))
    public_badges: Mapped[bool] = mapped_column(Boolean, server_default=false())
    retention_days: Mapped[int | None] = mapped_column(Integer)
    deleted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
