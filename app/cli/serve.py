"""`exhume api | worker | scheduler | migrate`: single processes, for containers and clusters."""

import os
from typing import Annotated

import typer

from app.cli.stack.commands import become
from app.cli.terminal import err, out
from app.contract.exit_codes import Exit
from app.settings import settings


def api() -> None:
    """Run the API. Needs DATABASE_URL and REDIS_URL."""
    _require_servers()
    become("api")


def worker(
    context: typer.Context,
    device: Annotated[
        str | None,
        typer.Option(help="auto, cpu, cuda, cuda:N, mps, or the UUID of a GPU or MIG slice.", show_default=False),
    ] = None,
) -> None:
    """Run one worker. Needs DATABASE_URL and REDIS_URL.

    Other options are passed to `celery worker`.
    """
    if device is not None:
        os.environ["EXHUME_DEVICE"] = device
        settings.cache_clear()
    _require_servers()
    become("worker", context.args)


def scheduler() -> None:
    """Run the scheduler. If several run, only one is active.

    It restarts lost jobs, resends messages and deletes images whose retention has ended.
    """
    _require_servers()
    become("scheduler")


def migrate(
    check: Annotated[
        bool, typer.Option("--check", help="Only check. Exits with 1 if this version cannot use the schema.")
    ] = False,
) -> None:
    """Migrate the database to the schema of this version."""
    from sqlalchemy.exc import OperationalError

    from app.db.migrate import schema, upgrade
    from app.db.session import NoDatabaseError, configured_url

    try:
        url = configured_url()
        if not check:
            upgrade(url)
        found = schema(url)
    except NoDatabaseError as error:
        err.say(str(error))
        raise typer.Exit(Exit.USAGE) from error
    except OperationalError as error:
        err.say(f"The database in DATABASE_URL does not answer: {str(error.orig).strip()}")
        raise typer.Exit(Exit.AUDIT_ERROR) from error
    if found.fault is not None:
        what, fix = found.fault
        err.say(f"The database is {what}. {fix.capitalize()}.")
        raise typer.Exit(Exit.GATE_FAILED)
    out.say(f"The database is {found.state}.")


def _require_servers() -> None:
    missing = [name for name in ("database_url", "redis_url") if getattr(settings(), name) is None]
    if missing:
        names = " and ".join(name.upper() for name in missing)
        err.say(f"Set {names}. To run everything on one machine without them, use `exhume up`.")
        raise typer.Exit(Exit.USAGE)
