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
├── PreconditionError 428
├── TooManyRequestsError 429
├── ChecksumError 460      of tus: a piece arrived damaged
└── UnavailableError 503, StorageFullError 507
"""

from typing import Any, ClassVar


class ProblemError(Exception):
    """A problem with a stable machine-readable `code`, a `detail` for people, and a list of single `errors`."""

    status: ClassVar[int] = 500
    title: ClassVar[str] = "Internal error"

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
        body: dict[str, Any] = {
            "type": f"https://exhume.dev/problems/{self.code}",
            "title": self.title,
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
            "errors": self.errors,
        }
        if instance:
            body["instance"] = instance
        return body


class BadRequestError(ProblemError):
    """Malformed input."""

    status, title = 400, "Bad request"


class UnauthenticatedError(ProblemError):
    """No valid key or session."""

    status, title = 401, "Not signed in"


class ForbiddenError(ProblemError):
    """The key or session lacks a scope, or the request comes from a foreign page."""

    status, title = 403, "Not allowed"


class NotFoundError(ProblemError):
    """No such thing, or not one the caller may see."""

    status, title = 404, "Not found"


class StalledError(ProblemError):
    """The body of the request stopped coming."""

    status, title = 408, "Stalled"


class ConflictError(ProblemError):
    """The thing is in a state that does not allow this."""

    status, title = 409, "Conflict"


class GoneError(ProblemError):
    """It was here, and has been deleted for good."""

    status, title = 410, "Gone"


class VersionError(ProblemError):
    """A version of a protocol that is not spoken here."""

    status, title = 412, "Other version"


class TooLargeError(ProblemError):
    """Larger than the limit."""

    status, title = 413, "Too large"


class MediaTypeError(ProblemError):
    """A body of another type than this address takes."""

    status, title = 415, "Other media type"


class UnprocessableError(ProblemError):
    """Well-formed, but unusable."""

    status, title = 422, "Unusable input"


class LockedError(ProblemError):
    """Somebody else is at it right now."""

    status, title = 423, "Locked"


class PreconditionError(ProblemError):
    """A required precondition header is missing."""

    status, title = 428, "Precondition required"


class TooManyRequestsError(ProblemError):
    """Over a rate or a quota."""

    status, title = 429, "Too many requests"


class ChecksumError(ProblemError):
    """A piece of an upload is not what its checksum says; the status is one of the tus protocol."""

    status, title = 460, "Checksum mismatch"


class UnavailableError(ProblemError):
    """A server this one depends on does not answer."""

    status, title = 503, "Unavailable"


class StorageFullError(ProblemError):
    """The object store has no room; nothing was kept."""

    status, title = 507, "Storage full"
