"""Item of a blind line-up: one picture and its candidates."""

from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Identified


class BlindLineUpItem(Identified, Base):
    """One question, with the right answer.

    It holds no picture: `reconstruction_id` refers to one, `photograph` and those of `candidates`
    are places in the private data set. `identity` is a class index of the release.
    """

    __tablename__ = "blind_line_up_item"
    __table_args__ = (UniqueConstraint("line_up_id", "number"),)

    project_id: Mapped[UUID] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), index=True)
    line_up_id: Mapped[UUID] = mapped_column(ForeignKey("blind_line_up.id", ondelete="CASCADE"))
    number: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(20))
    identity: Mapped[int] = mapped_column(Integer)
    reconstruction_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("reconstruction.id", ondelete="CASCADE"), index=True
    )
    photograph: Mapped[int | None] = mapped_column(Integer)
    candidates: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)  # identity and photograph of each
    answer: Mapped[int] = mapped_column(Integer)  # 0: none of these
