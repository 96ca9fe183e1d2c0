"""Errors that the client raises. All of them are an `ExhumeError`."""

from typing import Any

SERVER_FAULTS = 500


class ExhumeError(Exception):
    """Anything that went wrong between this program and the server."""


class UnreachableError(ExhumeError):
    """The server did not answer any of the attempts."""


class FileRejectedError(ExhumeError):
    """The server checked a file and rejected it. `problem` says why and what to do."""

    def __init__(self, what: str, problem: dict[str, Any]) -> None:
        self.problem = problem
        self.code = str(problem.get("code", "unknown"))
        self.detail = str(problem.get("detail") or "no reason was recorded")
        super().__init__(f"{what} was rejected ({self.code}): {self.detail}")


class StillRunningError(ExhumeError, TimeoutError):
    """The time to wait is over. The server continues, so a later call can wait again."""


class ApiError(ExhumeError):
    """A problem returned by the API (RFC 9457): `status`, `code`, `detail` and `errors`.

    `retry_after` is the number of seconds that the server asks to wait, if it does.
    """

    def __init__(self, status: int, problem: dict[str, Any], retry_after: float | None = None) -> None:
        self.status = status
        self.code = str(problem.get("code", "unknown"))
        self.detail = str(problem.get("detail") or problem.get("title") or f"HTTP {status}")
        self.errors: list[dict[str, Any]] = list(problem.get("errors") or [])
        self.retry_after = retry_after
        super().__init__(self.detail)


class AuthenticationError(ApiError):
    """The API key is missing, wrong or expired (401)."""


class PermissionDeniedError(ApiError):
    """The API key has no scope for this request (403)."""


class NotFoundError(ApiError):
    """There is no such thing, or the key must not know of it (404)."""


class ConflictError(ApiError):
    """The request does not fit the state of the resource (409)."""


class InvalidRequestError(ApiError):
    """The request or a file in it is wrong (400, 413, 422). `errors` lists every mistake."""


class RateLimitedError(ApiError):
    """Too many requests, even after waiting (429)."""


class ServerError(ApiError):
    """The server failed (5xx)."""


BY_STATUS: dict[int, type[ApiError]] = {
    400: InvalidRequestError,
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    409: ConflictError,
    413: InvalidRequestError,
    422: InvalidRequestError,
    429: RateLimitedError,
}


def error_of(status: int, problem: dict[str, Any], retry_after: float | None = None) -> ApiError:
    """Return the exception for a status, with the problem that the server sent."""
    kind = BY_STATUS.get(status, ServerError if status >= SERVER_FAULTS else ApiError)
    return kind(status, problem, retry_after)
