"""The server and API key of the command line.

`EXHUME_URL` and `EXHUME_API_KEY` take precedence. Otherwise a stack started by `exhume up` on this
machine is found through the files in its data folder.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import typer

from app.cli.faults import shown_faults
from app.cli.terminal import err, with_code
from app.contract.exit_codes import Exit
from exhume import ApiError, Client, UnreachableError

LISTED = 20
AGENT = "exhume-cli"
SERVER_FAULTS = 500


class NoServerError(Exception):
    """Neither the environment nor this machine names a server."""


def connect() -> Client:
    """Return a client of the server in the environment or of the local stack.

    Raises `NoServerError`.
    """
    url, key = os.environ.get("EXHUME_URL"), os.environ.get("EXHUME_API_KEY")
    if url and key:
        _check(url, key)
        return Client(url, key, user_agent=AGENT)
    if url or key:
        missing = "EXHUME_API_KEY" if url else "EXHUME_URL"
        raise NoServerError(f"{missing} is not set. To use a remote server, set both EXHUME_URL and EXHUME_API_KEY.")
    # imported late, because reading settings takes as long as everything else of a short command
    from app.settings import settings

    run = settings().data_dir / "run"
    state, admin_key = run / "up.json", run / "admin.key"
    try:
        address = json.loads(state.read_text())["url"]
        return Client(address, admin_key.read_text().strip(), user_agent=AGENT)
    except FileNotFoundError as error:
        raise NoServerError(
            f"No server is running with the data folder {settings().data_dir}. Start one with `exhume up`, or set "
            "EXHUME_URL and EXHUME_API_KEY to use a remote one."
        ) from error
    except PermissionError as error:
        raise NoServerError(
            f"{error.filename} belongs to another user. Set EXHUME_URL and EXHUME_API_KEY instead."
        ) from error


def _check(url: str, key: str) -> None:
    try:
        address = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise NoServerError(f"EXHUME_URL is {url!r}, which is not an address: {error}.") from error
    if address.scheme not in {"http", "https"} or not address.host:
        raise NoServerError(f"EXHUME_URL is {url!r}; it must be an address such as https://exhume.example.")
    if not key.isascii() or not key.isprintable() or " " in key:
        raise NoServerError("EXHUME_API_KEY contains characters that an API key cannot have.")


@contextmanager
def server() -> Iterator[Client]:
    """Yield a connected client.

    Errors are printed and end the command with the right exit code.
    """
    try:
        client = connect()
    except NoServerError as error:
        err.say(str(error))
        raise typer.Exit(Exit.USAGE) from error
    with client, reporting():
        yield client


@contextmanager
def reporting() -> Iterator[None]:
    """Print errors of the server, and end the command with the right exit code."""
    try:
        yield
    except ApiError as error:
        print_problem(error)
        raise typer.Exit(exit_code(error)) from error
    except UnreachableError as error:
        err.say(str(error))
        raise typer.Exit(Exit.AUDIT_ERROR) from error


def exit_code(error: ApiError) -> Exit:
    """Return 4 if the request must change and 2 if the server failed."""
    return Exit.AUDIT_ERROR if error.status >= SERVER_FAULTS else Exit.USAGE


def print_problem(error: ApiError) -> None:
    """Print a problem and its first errors."""
    if (shown := shown_faults(error)) is not None:
        detail, faults = shown
        err.styled((error.code, "bold"), f" ({error.status}): {detail}")
        print_findings(faults)
        return
    first, *code = with_code(error.detail)
    err.styled((error.code, "bold"), f" ({error.status}): {first}")
    err.say(*code)
    print_findings(error.errors)


def print_findings(findings: list[dict[str, object]]) -> None:
    """Print the first twenty errors of a problem and the number of the others."""
    err.say(*(f"  - {describe(single)}" for single in findings[:LISTED]))
    if len(findings) > LISTED:
        err.say(f"  and {len(findings) - LISTED} more")


def describe(single: dict[str, object]) -> str:
    """Return one entry of a problem's `errors` as a line."""
    text = single.get("detail") or single.get("message") or single.get("msg")
    where = next((single[key] for key in ("pointer", "loc", "where", "key", "file", "name") if single.get(key)), None)
    if text and where:
        return f"{where}: {text}"
    return str(text or ", ".join(f"{name} {value}" for name, value in single.items()))
