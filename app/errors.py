"""Errors as users see them: one small tree, each an RFC 9457 problem that says what to do.

ProblemError
├── BadRequestError 400    malformed input
├── UnauthenticatedError 401
├── ForbiddenError 403
├── NotFoundError 404
├── StalledError 408       the body stopped coming
├── ConflictError 409
├── GoneError 410           it was deleted for good
├── VersionError 412       of a protocol
├── TooLargeError 413
├── MediaTypeError 415
├── UnprocessableError 422 well-formed input that can't be used
├── LockedError 423        somebody else is at it right now
├── TooManyRequestsError 429
├── ChecksumError 460      of tus: a piece arrived damaged
└── UnavailableError 503, StorageFullError 507
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from app.problem_types import problem_body


class ProblemError(Exception):
    """A problem: a stable, machine-readable `code`, a `detail` for people, and single `errors`."""

    status: ClassVar[int] = 500

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        errors: list[dict[str, Any]] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.errors = errors or []
        self.headers = headers or {}

    def to_dict(self, instance: str | None = None) -> dict[str, Any]:
        """The body of an `application/problem+json` answer."""
        body = problem_body(self.code, self.detail, status=self.status, errors=self.errors)
        if instance:
            body["instance"] = instance
        return body


class BadRequestError(ProblemError):
    """Malformed input."""

    status = 400


class UnauthenticatedError(ProblemError):
    """No valid key or session."""

    status = 401


class ForbiddenError(ProblemError):
    """The key or session lacks a scope, or the request comes from a foreign page."""

    status = 403


class NotFoundError(ProblemError):
    """No such thing, or not one the caller may see."""

    status = 404


class StalledError(ProblemError):
    """The body of the request stopped coming."""

    status = 408


class ConflictError(ProblemError):
    """The thing is in a state that does not allow this."""

    status = 409


class GoneError(ProblemError):
    """It was here, and has been deleted for good."""

    status = 410


class VersionError(ProblemError):
    """A version of a protocol that is not spoken here."""

    status = 412


class TooLargeError(ProblemError):
    """Larger than the limit."""

    status = 413


class MediaTypeError(ProblemError):
    """A body of another type than this address takes."""

    status = 415


class UnprocessableError(ProblemError):
    """Well-formed, but unusable."""

    status = 422


class LockedError(ProblemError):
    """Somebody else is at it right now."""

    status = 423


class TooManyRequestsError(ProblemError):
    """Over a rate or a quota."""

    status = 429


class ChecksumError(ProblemError):
    """A piece of an upload does not match its checksum. The status is that of tus."""

    status = 460


class UnavailableError(ProblemError):
    """A server this one depends on does not answer."""

    status = 503


class StorageFullError(ProblemError):
    """The object store has no room; nothing was kept."""

    status = 507


@contextmanager
def at_field(path: str) -> Iterator[None]:
    """Add to a problem which field of the body it is about, so that a form can show it there."""
    try:
        yield
    except ProblemError as error:
        error.errors = [*error.errors, {"field": path}]
        raise
