"""Project: the tenant to which every other row belongs."""

from sqlalchemy import Boolean, String, false
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Identified


class Project(Identified, Base):
    """A team and its models. Projects share nothing but bundled priors and verifiers."""

    __tablename__ = "project"

    name: Mapped[str] = mapped_column(String(100), unique=True)
    public_badges: Mapped[bool] = mapped_column(Boolean, server_default=false())
