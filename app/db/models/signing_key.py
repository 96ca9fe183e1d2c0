"""Signing key: the Ed25519 key with which the service signs what it says about a checkpoint."""

from datetime import datetime

from sqlalchemy import CheckConstraint, DateTime, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Identified


class SigningKey(Identified, Base):
    """A key pair. The private half is sealed, and deleted when another key takes its place.

    `active` is true for the key that signs and null for all others.
    """

    __tablename__ = "signing_key"
    __table_args__ = (
        UniqueConstraint("active"),
        UniqueConstraint("key_id"),
        CheckConstraint("active", name="active"),
        CheckConstraint("(active IS NULL) = (sealed_private IS NULL)", name="sealed_private"),
        CheckConstraint("(active IS NULL) = (retired_at IS NOT NULL)", name="retired_at"),
    )

    key_id: Mapped[str] = mapped_column(String(80))
    pem: Mapped[str] = mapped_column(String(1000))
    active: Mapped[bool | None]
    sealed_private: Mapped[bytes | None] = mapped_column(LargeBinary)
    retired_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
