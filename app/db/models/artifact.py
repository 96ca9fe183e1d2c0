"""Artifact: an output of a stage for reuse by other audits, named by the digest of its inputs."""

from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Identified


class Artifact(Identified, Base):
    """A prior, a set of students, p_reg or an evaluator in the object store.

    Never shared between projects.
    """

    __tablename__ = "artifact"
    __table_args__ = (UniqueConstraint("project_id", "kind", "key"),)

    project_id: Mapped[UUID] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(30))
    key: Mapped[str] = mapped_column(String(80))  # digest of the inputs: target, public set, recipe, code version
    sha256: Mapped[str] = mapped_column(String(64))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    object_key: Mapped[str] = mapped_column(String(300))
    details: Mapped[dict[str, Any]] = mapped_column(JSONB)
