"""Roles: each includes the ones before it, and none goes beyond the scopes that exist."""

from itertools import pairwise
from uuid import UUID

import pytest

from app.auth.roles import SCOPES, granted
from app.auth.scopes import ALL_SCOPES, Scope
from app.auth.subject import Kind, Subject
from app.db.models import Role


def test_each_role_includes_the_one_before() -> None:
    for less, more in pairwise(Role):
        assert SCOPES[less] < SCOPES[more]
    assert SCOPES[Role.ADMINISTRATOR] == set(ALL_SCOPES)


@pytest.mark.parametrize("role", Role)
def test_a_role_limits_what_was_stored(role: Role) -> None:
    assert granted(["audits:read", "members:write"], role) == SCOPES[role] & {Scope.AUDITS_READ, Scope.MEMBERS_WRITE}


def test_without_a_role_the_stored_scopes_count() -> None:
    assert granted(["log:read"], None) == {Scope.LOG_READ}


@pytest.mark.parametrize("kind", [Kind.PERSON, Kind.MACHINE])
def test_only_the_operator_is_unlimited(kind: Kind) -> None:
    with pytest.raises(ValueError, match="wrong limits"):
        Subject(UUID(int=1), "x", None, frozenset(), kind=kind)
    with pytest.raises(ValueError, match="wrong limits"):
        Subject(UUID(int=1), "x", None, frozenset(), kind=Kind.OPERATOR, organisation_id=UUID(int=2))
