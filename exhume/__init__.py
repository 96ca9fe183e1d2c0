"""Python client of Exhume. `Client` blocks and `AsyncClient` is awaited. The methods are equal."""

from exhume.asynchronous import AsyncClient
from exhume.audits import Progress
from exhume.blocking import Client
from exhume.documents import (
    Audit,
    AuditSummary,
    Dataset,
    Estimate,
    Event,
    Job,
    Problem,
    Project,
    Release,
    ReleaseSummary,
    Target,
    Upload,
)
from exhume.errors import (
    ApiError,
    AuthenticationError,
    ConflictError,
    ExhumeError,
    FileRejectedError,
    InvalidRequestError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitedError,
    ServerError,
    StillRunningError,
    UnreachableError,
)
from exhume.resumable import sha256_of
from exhume.retries import Retries

__all__ = [
    "ApiError",
    "AsyncClient",
    "Audit",
    "AuditSummary",
    "AuthenticationError",
    "Client",
    "ConflictError",
    "Dataset",
    "Estimate",
    "Event",
    "ExhumeError",
    "FileRejectedError",
    "InvalidRequestError",
    "Job",
    "NotFoundError",
    "PermissionDeniedError",
    "Problem",
    "Progress",
    "Project",
    "RateLimitedError",
    "Release",
    "ReleaseSummary",
    "Retries",
    "ServerError",
    "StillRunningError",
    "Target",
    "UnreachableError",
    "Upload",
    "sha256_of",
]
