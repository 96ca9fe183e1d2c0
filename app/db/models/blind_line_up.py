"""Blind line-up: questions to people about the reconstructions of an audit."""

from uuid import UUID

from sqlalchemy import ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Identified


class BlindLineUp(Identified, Base):
    """A blind line-up. `digest` covers seed and items, and is fixed when it is made."""

    __tablename__ = "blind_line_up"

    project_id: Mapped[UUID] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), index=True)
    audit_id: Mapped[UUID] = mapped_column(ForeignKey("audit.id", ondelete="CASCADE"), index=True)
    candidates: Mapped[int] = mapped_column(Integer)
    seed: Mapped[str] = mapped_column(String(32))
    digest: Mapped[str] = mapped_column(String(80))
    created_by: Mapped[str] = mapped_column(String(200))
    erased_items: Mapped[int] = mapped_column(Integer, server_default="0")
