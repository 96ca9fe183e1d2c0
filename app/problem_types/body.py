"""The body of a problem (RFC 9457), and the address that names its kind."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from app.problem_types.table import TYPES


def address(code: str) -> str:
    """Return the `type` of a problem, a path at which the service explains it."""
    return f"/problems/{code}"


LISTED = 200
"""Most errors that an answer lists. The detail says how many there are."""


def problem_body(
    code: str, detail: str, *, status: int | None = None, errors: Sequence[dict[str, Any]] = ()
) -> dict[str, Any]:
    """Return the body of an `application/problem+json` answer.

    Without `status`, the first status of the kind is used.
    """
    kind = TYPES.get(code)
    status = status or (kind.statuses[0] if kind is not None and kind.statuses else 500)
    title = kind.title if kind is not None else HTTPStatus(status).phrase
    return {
        "type": address(code),
        "title": title,
        "status": status,
        "code": code,
        "detail": detail,
        "errors": list(errors)[:LISTED],
    }
