"""Project: the part of an organisation to which every other row belongs."""

from uuid import UUID

from sqlalchemy import Boolean, ForeignKey, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Identified


class Project(Identified, Base):
    """Models audited together. Projects share nothing but bundled priors and verifiers."""

    __tablename__ = "project"
    __table_args__ = (UniqueConstraint("organisation_id", "name"),)

    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    name: Mapped[str] = mapped_column(String(100))
    public_badges: Mapped[bool] = mapped_column(Boolean, server_default=false())
