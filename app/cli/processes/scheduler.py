"""`python -m app.cli.processes.scheduler` runs the reaper, the outbox and retention."""

from app.db.waiting import wait_for_schema
from app.observability.logs import configure_logs
from app.scheduler import loop
from app.settings import settings


def main() -> None:
    """Run until SIGTERM or SIGINT."""
    configure_logs("scheduler", settings().log_level)
    wait_for_schema()
    loop.run()


if __name__ == "__main__":
    main()
