"""Object key: the key that one stored object, or the pictures of one audit, are encrypted with."""

from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Identified


class ObjectKey(Identified, Base):
    """A wrapped key. Deleting the row makes the object unreadable.

    The table holds nothing else, so that no copy of a key is left in rows that change.
    `project_key_id` is null for a key of an audit that is older than project keys.
    """

    __tablename__ = "object_key"

    project_id: Mapped[UUID] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), index=True)
    project_key_id: Mapped[UUID | None] = mapped_column(ForeignKey("project_key.id", ondelete="CASCADE"), index=True)
    object: Mapped[str] = mapped_column(String(300), unique=True)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)
