"""The port on which Prometheus reads the metrics."""

from prometheus_client import CollectorRegistry, PlatformCollector, ProcessCollector, start_http_server

from app.metrics.requests import Requests
from app.metrics.service import Service
from app.observability.requests import WATCHERS


def registry() -> CollectorRegistry:
    """Return a registry with all metrics of this process, and start to count its requests."""
    made = CollectorRegistry()
    ProcessCollector(registry=made)
    PlatformCollector(registry=made)
    made.register(Service())
    WATCHERS.append(Requests(made).see)
    return made


def serve(host: str, port: int) -> None:
    """Answer `GET /metrics` on this port in a thread, without a key."""
    start_http_server(port, host, registry())
