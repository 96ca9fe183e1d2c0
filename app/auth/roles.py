"""Scopes of roles. The only place that says what a member may do."""

from collections.abc import Iterable

from app.auth.scopes import ALL_SCOPES, Scope
from app.db.models import Role

VIEWER = frozenset({Scope.AUDITS_READ})
AUDITOR = VIEWER | {
    Scope.TARGETS_WRITE,
    Scope.DATASETS_WRITE,
    Scope.AUDITS_WRITE,
    Scope.WAIVERS_WRITE,
    Scope.BLIND_LINE_UPS_REVIEW,
}
APPROVER = AUDITOR | {
    Scope.WAIVERS_APPROVE,
    Scope.POLICIES_WRITE,
    Scope.RECONSTRUCTIONS_REVEAL,
    Scope.LOG_READ,
    Scope.DATA_HOLD,
}
ADMINISTRATOR = frozenset(ALL_SCOPES)

SCOPES: dict[Role, frozenset[Scope]] = {
    Role.VIEWER: VIEWER,
    Role.AUDITOR: AUDITOR,
    Role.APPROVER: APPROVER,
    Role.ADMINISTRATOR: ADMINISTRATOR,
}


def granted(stored: Iterable[str], role: Role | None) -> frozenset[Scope]:
    """Return the scopes of a key or session, limited by the present role of its person."""
    scopes = frozenset(Scope(scope) for scope in stored)
    return scopes if role is None else scopes & SCOPES[role]
