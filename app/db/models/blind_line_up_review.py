"""Review: one person who answers the questions of a blind line-up."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Identified


class BlindLineUpReview(Identified, Base):
    """A person and a blind line-up.

    `shown` is the number of the item that was shown last. Somebody who has read the results before
    a review has a row with `results_read_at` and cannot begin one.
    """

    __tablename__ = "blind_line_up_review"
    __table_args__ = (UniqueConstraint("line_up_id", "reviewer"),)

    project_id: Mapped[UUID] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), index=True)
    line_up_id: Mapped[UUID] = mapped_column(ForeignKey("blind_line_up.id", ondelete="CASCADE"))
    reviewer: Mapped[str] = mapped_column(String(40))  # the id of a person, or the operator
    name: Mapped[str] = mapped_column(String(200))
    purpose: Mapped[str | None] = mapped_column(String(500))
    shown: Mapped[int | None] = mapped_column(Integer)
    shown_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    finished_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    results_read_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
