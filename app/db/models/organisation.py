"""Organisation: owns projects and has members."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Identified

DEFAULT_NAME = "default"
"""The organisation of projects that the operator creates without naming one."""


class Organisation(Identified, Base):
    """A company or team. Organisations share nothing but bundled priors and verifiers."""

    __tablename__ = "organisation"

    name: Mapped[str] = mapped_column(String(100), unique=True)
