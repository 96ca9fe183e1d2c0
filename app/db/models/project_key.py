"""Project key: wraps the keys of a project's objects. A key of the service wraps it."""

from uuid import UUID

from sqlalchemy import ForeignKey, Integer, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Identified


class ProjectKey(Identified, Base):
    """One of the keys of a project. The one with the highest number wraps new keys.

    `wrapped_by` names the key of the service that opens it.
    """

    __tablename__ = "project_key"
    __table_args__ = (UniqueConstraint("project_id", "number"),)

    project_id: Mapped[UUID] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    number: Mapped[int] = mapped_column(Integer)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)
    wrapped_by: Mapped[str] = mapped_column(String(40))
