"""`exhume up` and `exhume stop`: the whole service on this machine."""

import os
import signal
import time
from typing import Annotated

import typer
from rich.console import Console

from app.cli.exit_codes import Exit
from app.cli.stack.state import published
from app.cli.stack.stop_request import Stopped, StopRequest
from app.settings import settings

console = Console(highlight=False, soft_wrap=True)
errors = Console(stderr=True, highlight=False, soft_wrap=True)
STOP_SECONDS = 30.0


def up(verbose: Annotated[bool, typer.Option(help="Show the logs of all processes here.")] = False) -> None:
    """Start database, broker, API, workers and scheduler; stop them all with Ctrl-C."""
    from app.cli.stack.address import PortBusyError
    from app.cli.stack.stack import StackError, running
    from app.embedded import EmbeddedServerError

    stop = StopRequest()
    try:
        with stop.listening():
            try:
                with running(stop, verbose=verbose, tell=errors.print) as (ready, watch):
                    console.print(f"Exhume is ready at [bold]{ready.url}[/bold] ({ready.seconds:.1f} s)")
                    console.print(f"Sign in once with: {ready.sign_in_url}")
                    console.print(f"Data and logs: {settings().data_dir}   Stop: Ctrl-C")
                    watch()
            except Stopped:
                console.print("Stopped.")
    except (PortBusyError, StackError, EmbeddedServerError) as error:
        errors.print(str(error), markup=False)
        raise typer.Exit(Exit.USAGE) from error


def sign_in() -> None:
    """Print a new one-time sign-in link for the running stack, or for the database in DATABASE_URL."""
    from app.cli.stack.address import sign_in_url, url_of
    from app.cli.stack.credentials import new_sign_in_token

    state = published(settings().data_dir)
    if state is not None:
        os.environ["DATABASE_URL"] = state["database_url"]
        settings.cache_clear()
    elif settings().database_url is None:
        errors.print("nothing runs here and DATABASE_URL is not set: start the stack with `exhume up`", markup=False)
        raise typer.Exit(Exit.USAGE)
    url = state["url"] if state else url_of(settings(), settings().port)
    console.print(sign_in_url(url, new_sign_in_token()))


def stop() -> None:
    """Stop the stack that `exhume up` started with this data folder."""
    state = published(settings().data_dir)
    if state is None:
        errors.print(f"nothing runs with the data folder {settings().data_dir}", markup=False)
        raise typer.Exit(Exit.USAGE)
    os.kill(state["pid"], signal.SIGTERM)
    until = time.monotonic() + STOP_SECONDS
    while published(settings().data_dir) is not None and time.monotonic() < until:
        time.sleep(0.1)
    console.print("Stopped.")
