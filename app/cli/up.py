"""`exhume up`, `exhume stop` and `exhume sign-in`: the whole service on this machine."""

import os
import signal
import time
from typing import Annotated

import typer

from app.cli.stack.state import published
from app.cli.stack.stop_request import Stopped, StopRequest
from app.cli.terminal import err, out
from app.contract.exit_codes import Exit
from app.settings import settings

STOP_SECONDS = 30.0
NOT_MIGRATED = "The database does not have the schema of Exhume yet: run `exhume migrate`."


def up(
    verbose: Annotated[bool, typer.Option(help="Print the logs of all processes here.")] = False,
    gpus: Annotated[str, typer.Option(help="GPUs to use, with a worker each: all, or a number.", metavar="N")] = "all",
) -> None:
    """Start the whole service on this machine. Ctrl-C stops it.

    EXHUME_DATA_DIR and EXHUME_PORT choose its data folder and its port (default: 8719). Give each
    service of a machine its own.
    """
    from app.cli.stack.address import PortBusyError
    from app.cli.stack.devices import GpusError
    from app.cli.stack.stack import StackError, running
    from app.embedded import EmbeddedServerError

    stop = StopRequest()
    try:
        with stop.listening():
            try:
                with running(stop, verbose=verbose, tell=err.say, gpus=gpus) as (ready, watch):
                    out.styled("Exhume is ready at ", (ready.url, "bold"), f" ({ready.seconds:.1f} s)")
                    out.say(f"Sign in once with: {ready.sign_in_url}")
                    out.say(f"Data and logs: {settings().data_dir}   Stop: Ctrl-C")
                    watch()
            except Stopped:
                out.say("Stopped.")
    except (PortBusyError, GpusError, EmbeddedServerError) as error:
        err.block(str(error))
        raise typer.Exit(Exit.USAGE) from error
    except StackError as error:
        err.block(str(error))
        raise typer.Exit(Exit.AUDIT_ERROR) from error


def sign_in() -> None:
    """Print a one-time sign-in link for the server on this machine."""
    from sqlalchemy.exc import OperationalError, ProgrammingError

    from app.cli.stack.address import sign_in_url, url_of
    from app.cli.stack.credentials import new_sign_in_token
    from app.db.session import NoDatabaseError
    from app.kit.root_secret import BadSecretError

    state = published(settings().data_dir)
    if state is not None:
        os.environ["DATABASE_URL"] = state["database_url"]
        settings.cache_clear()
    elif settings().database_url is None:
        err.say(no_server_here(os.environ.get("EXHUME_URL")))
        raise typer.Exit(Exit.USAGE)
    url = state["url"] if state else url_of(settings(), settings().port)
    try:
        link = sign_in_url(url, new_sign_in_token())
    except OperationalError as error:
        err.say(f"The database does not answer: {str(error.orig).strip()}")
        raise typer.Exit(Exit.AUDIT_ERROR) from error
    except (NoDatabaseError, BadSecretError) as error:
        err.say(str(error))
        raise typer.Exit(Exit.USAGE) from error
    except ProgrammingError as error:
        err.say(NOT_MIGRATED)
        raise typer.Exit(Exit.USAGE) from error
    out.say(link)


def no_server_here(remote: str | None) -> str:
    """Return where to get a sign-in link when no stack runs on this machine."""
    if remote:
        return (
            f"EXHUME_URL names {remote}. Run `exhume sign-in` on the machine of that server (with Docker Compose: "
            "`docker compose exec api exhume sign-in`), or sign in there with an API key."
        )
    return (
        f"No server is running with the data folder {settings().data_dir}. `exhume up` starts one and prints a link. "
        "If it runs with another data folder, set EXHUME_DATA_DIR. For a server of single processes, set DATABASE_URL."
    )


def stop() -> None:
    """Stop the service that `exhume up` started with this data folder."""
    state = published(settings().data_dir)
    if state is None:
        err.say(f"No server is running with the data folder {settings().data_dir}.")
        raise typer.Exit(Exit.USAGE)
    os.kill(state["pid"], signal.SIGTERM)
    until = time.monotonic() + STOP_SECONDS
    while published(settings().data_dir) is not None:
        if time.monotonic() > until:
            err.say(f"Process {state['pid']} has not stopped after {STOP_SECONDS:.0f} s.")
            raise typer.Exit(Exit.STILL_RUNNING)
        time.sleep(0.1)
    out.say("Stopped.")
