"""The caller of a request, and the one rule of tenancy."""

from dataclasses import dataclass
from typing import Any, TypeVarTuple
from uuid import UUID

from sqlalchemy import Select
from sqlalchemy.orm import InstrumentedAttribute

from app.auth.scopes import Scope
from app.errors import ForbiddenError

Columns = TypeVarTuple("Columns")


@dataclass(frozen=True)
class Subject:
    """An API key or a dashboard session. Without a project it is the administrator of the installation."""

    id: UUID
    name: str
    project_id: UUID | None
    scopes: frozenset[Scope]
    by_cookie: bool = False
    address: str | None = None

    def require(self, scope: Scope) -> None:
        """`ForbiddenError` unless the subject has this scope."""
        if scope not in self.scopes:
            raise ForbiddenError("missing_scope", f"This needs the scope {scope.value}; ask for a key that has it.")

    def require_administrator(self) -> None:
        """`ForbiddenError` for a subject that is bound to one project."""
        if self.project_id is not None:
            raise ForbiddenError("administrator_only", "A key that belongs to one project may not do this.")


def within(statement: Select[*Columns], project_id: InstrumentedAttribute[Any], subject: Subject) -> Select[*Columns]:
    """Only the rows of the subject's project; every repository's `readable` goes through here."""
    return statement if subject.project_id is None else statement.where(project_id == subject.project_id)
