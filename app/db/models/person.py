"""Person: an account, with the ways in which it can sign in."""

from datetime import datetime

from sqlalchemy import BigInteger, DateTime, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Identified

LONGEST_EMAIL = 90
"""`person:<email>` fits into the columns that name an actor."""


class Person(Identified, Base):
    """An account. It can do nothing without a membership.

    `sealed_totp` is the confirmed second factor, and `sealed_next_totp` one that waits for its
    first code. `totp_step` is the last time step whose code was accepted, so that no code works
    twice.
    """

    __tablename__ = "person"
    __table_args__ = (UniqueConstraint("oidc_issuer", "oidc_subject"),)

    email: Mapped[str] = mapped_column(String(LONGEST_EMAIL), unique=True)  # in lower case
    name: Mapped[str] = mapped_column(String(100))
    password_hash: Mapped[str | None] = mapped_column(String(200))  # Argon2
    sealed_totp: Mapped[bytes | None] = mapped_column(LargeBinary)
    sealed_next_totp: Mapped[bytes | None] = mapped_column(LargeBinary)
    totp_confirmed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    totp_step: Mapped[int] = mapped_column(BigInteger, server_default="0")
    oidc_issuer: Mapped[str | None] = mapped_column(String(300))
    oidc_subject: Mapped[str | None] = mapped_column(String(300))
    disabled_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
