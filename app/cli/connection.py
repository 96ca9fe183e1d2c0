"""Which server the command line talks to, and with which key.

`EXHUME_URL` and `EXHUME_API_KEY` win; otherwise a stack started by `exhume up` on this machine is found by the
files in its data folder.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager

import typer
from rich.console import Console

from app.cli.exit_codes import Exit
from app.client import ApiError, Client, UnreachableError
from app.settings import settings

errors = Console(stderr=True)


class NoServerError(Exception):
    """Neither the environment nor this machine names a server."""


def connect() -> Client:
    """A client of the server in the environment, or of the local stack; raises `NoServerError`."""
    url, key = os.environ.get("EXHUME_URL"), os.environ.get("EXHUME_API_KEY")
    if url and key:
        return Client(url, key)
    if url or key:
        missing = "EXHUME_API_KEY" if url else "EXHUME_URL"
        raise NoServerError(f"{missing} is not set: a remote server needs both EXHUME_URL and EXHUME_API_KEY")
    run = settings().data_dir / "run"
    state, admin_key = run / "up.json", run / "admin.key"
    try:
        address = json.loads(state.read_text())["url"]
        return Client(address, admin_key.read_text().strip())
    except FileNotFoundError as error:
        raise NoServerError(
            f"no server is running with data folder {settings().data_dir}: start one with `exhume up`, "
            "or set EXHUME_URL and EXHUME_API_KEY"
        ) from error
    except PermissionError as error:
        raise NoServerError(f"{error.filename} belongs to another user: set EXHUME_URL and EXHUME_API_KEY") from error


@contextmanager
def server() -> Iterator[Client]:
    """A connected client; problems are printed with what to do, and end the command with the right exit code."""
    try:
        with connect() as client:
            yield client
    except ApiError as error:
        errors.print(f"[bold]{error.code}[/bold] ({error.status}): {error.detail}", highlight=False)
        for single in error.errors[:20]:
            errors.print(f"  - {describe(single)}", highlight=False, markup=False)
        raise typer.Exit(Exit.USAGE) from error
    except (NoServerError, UnreachableError) as error:
        errors.print(str(error), highlight=False, markup=False)
        raise typer.Exit(Exit.USAGE) from error


def describe(single: dict[str, object]) -> str:
    """One entry of a problem's `errors`, in a line."""
    text = single.get("detail") or single.get("message") or single.get("msg")
    where = next((single[key] for key in ("pointer", "loc", "key", "file", "name") if single.get(key)), None)
    if text and where:
        return f"{where}: {text}"
    return str(text or ", ".join(f"{name} {value}" for name, value in single.items()))
