"""Invitations to an organisation: an HMAC of the token is stored.

The link itself is stored too, sealed, while it waits to be sent by e-mail.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, Integer, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Identified
from app.db.models.membership import ROLE_CHECK, Role
from app.db.models.person import LONGEST_EMAIL


class Invitation(Identified, Base):
    """An offer of a membership to whoever has an e-mail address. It can be accepted once.

    `mail_next_at` is when the link is sent by e-mail (again). Without it nothing waits.
    """

    __tablename__ = "invitation"
    __table_args__ = (
        CheckConstraint(ROLE_CHECK, name="role"),
        Index("ix_invitation_mail_next_at", "mail_next_at", postgresql_where=text("mail_next_at IS NOT NULL")),
    )

    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id", ondelete="CASCADE"), index=True)
    project_id: Mapped[UUID | None] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), index=True)
    email: Mapped[str] = mapped_column(String(LONGEST_EMAIL), index=True)
    role: Mapped[Role] = mapped_column(String(20))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    invited_by: Mapped[str] = mapped_column(String(200))
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    accepted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    revoked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    mailed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    mail_problem: Mapped[str | None] = mapped_column(Text)
    mail_link: Mapped[bytes | None] = mapped_column(LargeBinary)
    mail_attempts: Mapped[int] = mapped_column(Integer, server_default="0")
    mail_next_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
