"""Reservation: room for a file that is being received in one request."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Identified


class Reservation(Identified, Base):
    """Bytes that count towards the quota of a project until the file has an owner.

    `received` of them are on the disk already. Without renewal, they count until `expires_at`.
    """

    __tablename__ = "reservation"

    project_id: Mapped[UUID] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), index=True)
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    received: Mapped[int] = mapped_column(BigInteger, server_default="0")
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
