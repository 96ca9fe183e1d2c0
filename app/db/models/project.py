"""Project: the tenant every other row belongs to."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Identified


class Project(Identified, Base):
    """A team and its models; nothing is shared between projects but bundled priors and verifiers."""

    __tablename__ = "project"

    name: Mapped[str] = mapped_column(String(100), unique=True)
