"""Membership: what a person may do in an organisation."""

from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Identified


class Role(StrEnum):
    """What a member may do. Each role includes the ones before it."""

    VIEWER = "viewer"
    AUDITOR = "auditor"
    APPROVER = "approver"
    ADMINISTRATOR = "administrator"


ROLE_CHECK = f"role IN ({', '.join(repr(role.value) for role in Role)})"


class Membership(Identified, Base):
    """A role of a person, in all projects of an organisation or in one."""

    __tablename__ = "membership"
    __table_args__ = (
        CheckConstraint(ROLE_CHECK, name="role"),
        UniqueConstraint("person_id", "organisation_id", "project_id", postgresql_nulls_not_distinct=True),
    )

    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    project_id: Mapped[UUID | None] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), index=True)
    role: Mapped[Role] = mapped_column(String(20))
