"""Destroyed key: what remains of a key that was deleted."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, String, func
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Identified


class DestroyedKey(Identified, Base):
    """The object that a deleted key belonged to.

    `erased_at` says when the files of the database were cleaned of the deleted row. It is null
    until then.
    """

    __tablename__ = "destroyed_key"

    project_id: Mapped[UUID] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), index=True)
    object: Mapped[str] = mapped_column(String(300), index=True)
    destroyed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    erased_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
