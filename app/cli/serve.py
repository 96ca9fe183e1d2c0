"""`exhume api | worker | scheduler | migrate`: the single processes, for containers and several machines."""

from typing import Annotated

import typer
from rich.console import Console

from app.cli.exit_codes import Exit
from app.cli.stack.commands import become
from app.settings import settings

console = Console(highlight=False, soft_wrap=True)
errors = Console(stderr=True, highlight=False, soft_wrap=True)
PASS_THROUGH = {"allow_extra_args": True, "ignore_unknown_options": True}


def api() -> None:
    """Run the API (needs DATABASE_URL and REDIS_URL)."""
    _require_servers()
    become("api")


def worker(context: typer.Context) -> None:
    """Run one worker (needs DATABASE_URL and REDIS_URL); further options go to `celery worker`."""
    _require_servers()
    become("worker", context.args)


def scheduler() -> None:
    """Run the scheduler: lost jobs, unsent messages, retention. Several may run, one is active."""
    _require_servers()
    become("scheduler")


def migrate(
    check: Annotated[bool, typer.Option("--check", help="Change nothing; exit 1 if migrations are missing.")] = False,
) -> None:
    """Bring the database to this version's schema."""
    from sqlalchemy.exc import OperationalError

    from app.db.migrate import head, revision, upgrade
    from app.db.session import NoDatabaseError, configured_url

    try:
        url = configured_url()
        if not check:
            upgrade(url)
        found = revision(url)
    except (NoDatabaseError, OperationalError) as error:
        errors.print(str(error), markup=False)
        raise typer.Exit(Exit.USAGE) from error
    if found != head():
        errors.print(f"the database is at {found or 'nothing'}, this version needs {head()}: run `exhume migrate`")
        raise typer.Exit(Exit.GATE_FAILED)
    console.print(f"The database is at {found}, the newest migration.")


def _require_servers() -> None:
    missing = [name for name in ("database_url", "redis_url") if getattr(settings(), name) is None]
    if missing:
        names = " and ".join(name.upper() for name in missing)
        errors.print(f"{names} must be set; `exhume up` starts everything on one machine without them", markup=False)
        raise typer.Exit(Exit.USAGE)
