"""Who may review: a person with the scope, or the operator. A person has one review."""

from app.auth.scopes import Scope
from app.auth.subject import Kind, Subject
from app.errors import ForbiddenError

OPERATOR = "operator"


def reviewer_of(subject: Subject) -> str | None:
    """Return whose review a caller's is, or None for one that cannot review."""
    return reader_of(subject) if Scope.BLIND_LINE_UPS_REVIEW in subject.scopes else None


def reader_of(subject: Subject) -> str | None:
    """Return whose review a caller's would be with any scopes, or None for a machine.

    A person who reads results with a key that cannot review may have another key that can.
    """
    if subject.person_id is not None:
        return subject.person_id.hex
    return OPERATOR if subject.kind is Kind.OPERATOR else None


def require_reviewer(subject: Subject) -> None:
    """Raise `ForbiddenError` for a caller that cannot review."""
    subject.require(Scope.BLIND_LINE_UPS_REVIEW)
    if reviewer_of(subject) is None:
        raise ForbiddenError(
            "not_a_reviewer", "Only people review a blind line-up. Sign in, or use a personal API key."
        )
