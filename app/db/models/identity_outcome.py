"""Identity outcome: the result of an audit for one identity, the unit of every statistic."""

from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Float, ForeignKey, Integer, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base


class IdentityOutcome(Base):
    """One identity of an audit.

    `verified` is S_k: rank 1 and above the threshold for every verifier.
    """

    __tablename__ = "identity_outcome"

    audit_id: Mapped[UUID] = mapped_column(ForeignKey("audit.id", ondelete="CASCADE"), primary_key=True)
    identity: Mapped[int] = mapped_column(Integer, primary_key=True)
    project_id: Mapped[UUID] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    verified: Mapped[bool | None] = mapped_column(Boolean)
    control_verified: Mapped[bool | None] = mapped_column(Boolean)  # Q_k, the strongest control
    evaluator_top1: Mapped[bool | None] = mapped_column(Boolean)
    evaluator_top5: Mapped[bool | None] = mapped_column(Boolean)
    target_top1: Mapped[bool | None] = mapped_column(Boolean)
    # Lowest over the verifiers, which decides.
    similarity: Mapped[float | None] = mapped_column(Float)
    details: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
