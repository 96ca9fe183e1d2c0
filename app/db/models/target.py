"""Target: a line of models, such as "badge-reader"."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Identified


class Target(Identified, Base):
    """A model line. Its checkpoints are releases.

    Without a policy, the default of the project applies.
    """

    __tablename__ = "target"
    __table_args__ = (UniqueConstraint("project_id", "name"),)

    project_id: Mapped[UUID] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    description: Mapped[str] = mapped_column(Text, server_default="")
    policy_id: Mapped[UUID | None] = mapped_column(ForeignKey("policy.id", ondelete="SET NULL"), index=True)
    policy_since: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
