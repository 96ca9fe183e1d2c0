"""Score: the result of one verifier or evaluator for one reconstruction."""

from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Float, ForeignKey, Integer, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base


class Score(Base):
    """One score. Rank 1 is best.

    `similarity` and `threshold` are cosines for a verifier and probabilities for the evaluator.
    Verifiers judge every reconstruction of an attack, the evaluator those submitted. `details` is
    an `app.contract.likeness.Likeness`, for a verifier and a submission.
    """

    __tablename__ = "score"

    reconstruction_id: Mapped[UUID] = mapped_column(
        ForeignKey("reconstruction.id", ondelete="CASCADE"), primary_key=True
    )
    judge: Mapped[str] = mapped_column(String(100), primary_key=True)
    project_id: Mapped[UUID] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), index=True)
    audit_id: Mapped[UUID] = mapped_column(ForeignKey("audit.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(20))  # verifier | evaluator
    rank: Mapped[int] = mapped_column(Integer)
    similarity: Mapped[float | None] = mapped_column(Float)
    threshold: Mapped[float | None] = mapped_column(Float)
    passed: Mapped[bool] = mapped_column(Boolean)
    nearest_reference: Mapped[int | None] = mapped_column(Integer)  # index into the private data set
    details: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
