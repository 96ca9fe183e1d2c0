"""Statements that are compiled once for all subjects with limits of the same kind."""

from functools import lru_cache
from typing import Any, NamedTuple, cast
from uuid import UUID

from sqlalchemy import Uuid, bindparam

from app.auth.scopes import ALL_SCOPES
from app.auth.subject import Kind, Subject

PROJECT, ORGANISATION = "own_project", "own_organisation"


class Limited(NamedTuple):
    """What a subject is limited to."""

    project: bool
    organisation: bool


def limited(subject: Subject) -> Limited:
    """Return what a subject is limited to."""
    return Limited(subject.project_id is not None, subject.organisation_id is not None)


@lru_cache
def bound(to: Limited) -> Subject:
    """Return a subject whose project and organisation are parameters of statements.

    It has every scope: callers of `values` check those of the real one.
    """
    return Subject(
        id=UUID(int=0),
        name="",
        project_id=cast(Any, bindparam(PROJECT, type_=Uuid())) if to.project else None,
        organisation_id=cast(Any, bindparam(ORGANISATION, type_=Uuid())) if to.organisation else None,
        scopes=frozenset(ALL_SCOPES),
        kind=Kind.MACHINE if any(to) else Kind.OPERATOR,
    )


def values(subject: Subject) -> dict[str, Any]:
    """Return the values of those parameters."""
    return {PROJECT: subject.project_id, ORGANISATION: subject.organisation_id}
