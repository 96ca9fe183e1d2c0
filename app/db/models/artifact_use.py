"""Artifact use: an audit that made or reused an artifact."""

from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base


class ArtifactUse(Base):
    """The audits of an artifact. A deletion finds what was made from its subject through them."""

    __tablename__ = "artifact_use"

    artifact_id: Mapped[UUID] = mapped_column(ForeignKey("artifact.id", ondelete="CASCADE"), primary_key=True)
    audit_id: Mapped[UUID] = mapped_column(ForeignKey("audit.id", ondelete="CASCADE"), primary_key=True, index=True)
