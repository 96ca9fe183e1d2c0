"""`python -m app.cli.processes.api` runs the API in this process."""

import uvicorn

import app.cli.processes.without_rich  # noqa: F401 - before structlog
from app.kit.patience import PatientProtocol
from app.observability.logs import configure_logs
from app.observability.traces import configure_traces
from app.settings import settings

SHUTDOWN_SECONDS = 3  # event streams do not end on their own


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    current = settings()
    configure_logs("api", current.log_level)
    configure_traces("api")
    if current.metrics_port is not None:
        from app.metrics.server import serve

        serve(current.metrics_host, current.metrics_port)
    uvicorn.run(
        "app.main:create_app",
        factory=True,
        host=current.host,
        port=current.port,
        http=PatientProtocol,
        log_config=None,
        server_header=False,
        proxy_headers=bool(current.trusted_proxies),
        forwarded_allow_ips=[str(network) for network in current.trusted_proxies],
        ws="none",
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )


if __name__ == "__main__":
    main()
