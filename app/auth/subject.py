"""The caller of a request, and the rule that separates tenants."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVarTuple
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import InstrumentedAttribute

from app.auth.scopes import Scope
from app.db.models import Project
from app.errors import ForbiddenError

Columns = TypeVarTuple("Columns")


class Kind(StrEnum):
    """What a subject is. The operator runs the installation and belongs to no organisation."""

    PERSON = "person"
    MACHINE = "machine"
    OPERATOR = "operator"


@dataclass(frozen=True)
class Subject:
    """An API key, a dashboard session, or a part of the service that acts for a project.

    With a project it is limited to that project, otherwise with an organisation to that
    organisation. Only the operator has neither.
    """

    id: UUID
    name: str
    project_id: UUID | None
    scopes: frozenset[Scope]
    by_cookie: bool = False
    address: str | None = None
    kind: Kind = Kind.MACHINE
    organisation_id: UUID | None = None
    person_id: UUID | None = None
    key_id: UUID | None = None

    def __post_init__(self) -> None:
        limited = self.project_id is not None or self.organisation_id is not None
        if limited == (self.kind is Kind.OPERATOR):
            raise ValueError(f"a subject of the kind {self.kind} with wrong limits: {self.name}")

    def require(self, scope: Scope) -> None:
        """Raise `ForbiddenError` unless the subject has this scope."""
        if scope not in self.scopes:
            # A personal key may lack what the role of its person has.
            ask = (
                "Ask an administrator of your organisation for a role that has it."
                if self.kind is Kind.PERSON and self.key_id is None
                else "Ask for a key that has it."
            )
            raise ForbiddenError("missing_scope", f"This requires the scope {scope.value}. {ask}")

    def require_operator(self) -> None:
        """Raise `ForbiddenError` for everybody but the operator."""
        if self.kind is not Kind.OPERATOR:
            raise ForbiddenError("operator_only", "Only the operator of the installation can do this.")

    def require_person(self) -> None:
        """Raise `ForbiddenError` for machines and the operator."""
        if self.kind is not Kind.PERSON:
            raise ForbiddenError(
                "person_only", "Only a person has an account. Sign in as one, or use a personal API key."
            )

    def require_all_projects(self) -> None:
        """Raise `ForbiddenError` for a subject that is limited to one project."""
        if self.project_id is not None:
            raise ForbiddenError(
                "organisation_only", "A key or membership that is limited to a project cannot do this."
            )


def within(statement: Select[*Columns], project_id: InstrumentedAttribute[Any], subject: Subject) -> Select[*Columns]:
    """Keep the rows of projects that the subject may see. `readable` in repositories uses it."""
    if subject.project_id is not None:
        return statement.where(project_id == subject.project_id)
    if subject.organisation_id is not None:
        ours = select(Project.id).where(Project.organisation_id == subject.organisation_id)
        return statement.where(project_id.in_(ours))
    return statement


def within_organisation(
    statement: Select[*Columns],
    organisation_id: InstrumentedAttribute[Any],
    subject: Subject,
    *,
    project_id: InstrumentedAttribute[Any] | None = None,
) -> Select[*Columns]:
    """Keep the rows of the subject's organisation, and of its project if it is limited to one.

    Rows without a project concern the whole organisation.
    """
    if subject.project_id is not None and project_id is not None:
        return statement.where(project_id == subject.project_id)
    return statement if subject.organisation_id is None else statement.where(organisation_id == subject.organisation_id)
