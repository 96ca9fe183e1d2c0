"""Receipt: what a deletion destroyed, signed by the service."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, Index, LargeBinary, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Identified


class Receipt(Identified, Base):
    """A deletion. `envelope` is the signed `document`.

    `objects` are keys of the store, and prefixes that end with a slash. They are removed after the
    commit; `removed_at` is null until then.
    """

    __tablename__ = "receipt"
    __table_args__ = (Index("ix_receipt_waiting", "created_at", postgresql_where="removed_at IS NULL"),)

    project_id: Mapped[UUID] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    subject: Mapped[str] = mapped_column(String(60), index=True)
    document: Mapped[dict[str, Any]] = mapped_column(JSONB)
    envelope: Mapped[bytes] = mapped_column(LargeBinary)
    objects: Mapped[list[str]] = mapped_column(JSONB)
    removed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
