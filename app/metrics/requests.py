"""Latency of requests by route."""

from collections.abc import Mapping
from typing import Any

from prometheus_client import CollectorRegistry, Histogram

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0)
NO_ROUTE = "none"
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


class Requests:
    """Counts requests in a registry.

    The label `route` is the template, such as `/api/v1/audits/{audit_id}`, so that there are as
    many series as routes and none holds an id.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self._seconds = Histogram(
            "exhume_request_seconds",
            "Seconds until the answer to a request began.",
            ("method", "route", "status"),
            buckets=BUCKETS,
            registry=registry,
        )

    def see(self, scope: Mapping[str, Any], status: int, seconds: float) -> None:
        """Count a request."""
        method = scope["method"] if scope["method"] in METHODS else "other"
        self._seconds.labels(method, route_of(scope), str(status)).observe(seconds)


def route_of(scope: Mapping[str, Any]) -> str:
    """Return the template of the route that answered, or `none`.

    `route` has the path inside its router, FastAPI's own context the whole one.
    """
    whole = scope.get("fastapi", {}).get("effective_route_context")
    return str(getattr(whole or scope.get("route"), "path", NO_ROUTE))
