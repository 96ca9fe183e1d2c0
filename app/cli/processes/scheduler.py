"""`python -m app.cli.processes.scheduler`: the reaper, the outbox and retention, in this process."""

from app.jobs import scheduler
from app.observability.logs import configure_logs
from app.settings import settings


def main() -> None:
    """Run until SIGTERM or SIGINT."""
    configure_logs("scheduler", settings().log_level)
    scheduler.run()


if __name__ == "__main__":
    main()
