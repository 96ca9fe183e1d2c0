"""Answer of one reviewer to one item of a blind line-up."""

from uuid import UUID

from sqlalchemy import Boolean, Float, ForeignKey, Integer
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base


class BlindLineUpAnswer(Base):
    """A final answer. `choice` is the number of a candidate, or 0 for none of these."""

    __tablename__ = "blind_line_up_answer"

    review_id: Mapped[UUID] = mapped_column(ForeignKey("blind_line_up_review.id", ondelete="CASCADE"), primary_key=True)
    item_id: Mapped[UUID] = mapped_column(
        ForeignKey("blind_line_up_item.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    project_id: Mapped[UUID] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), index=True)
    choice: Mapped[int] = mapped_column(Integer)
    sure: Mapped[bool] = mapped_column(Boolean)
    seconds: Mapped[float] = mapped_column(Float)
