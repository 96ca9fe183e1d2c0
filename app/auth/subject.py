"""The caller of a request, and the rule that separates tenants."""

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
    """An API key or a dashboard session. Without a project it is the administrator."""

    id: UUID
    name: str
    project_id: UUID | None
    scopes: frozenset[Scope]
    by_cookie: bool = False
    address: str | None = None

    def require(self, scope: Scope) -> None:
        """Raise `ForbiddenError` unless the subject has this scope."""
        if scope not in self.scopes:
            raise ForbiddenError("missing_scope", f"This requires the scope {scope.value}. Ask for a key that has it.")

    def require_administrator(self) -> None:
        """Raise `ForbiddenError` for a subject that is bound to one project."""
        if self.project_id is not None:
            raise ForbiddenError("administrator_only", "A key that belongs to a project cannot do this.")


def within(statement: Select[*Columns], project_id: InstrumentedAttribute[Any], subject: Subject) -> Select[*Columns]:
    """Keep the rows of the subject's project. Every repository's `readable` uses this."""
    return statement if subject.project_id is None else statement.where(project_id == subject.project_id)
