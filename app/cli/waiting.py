"""Waiting in the terminal until a file is sent or fetched, and checked."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import typer

from app.cli import bars
from app.cli.connection import print_findings
from app.cli.terminal import err, with_code
from app.contract.exit_codes import Exit
from exhume import Client, FileRejectedError, StillRunningError, Upload

T = TypeVar("T")


def upload(client: Client, path: str, file: Path, sha256: str | None = None) -> None:
    """Send a file to a resource (`/releases/rel_…`) with a progress bar. Resumes after a break."""
    with bars.of_bytes() as progress:
        bar = progress.add_task(f"upload {file.name}", total=file.stat().st_size)
        client.send_file(path, file, sha256=sha256, progress=lambda sent: progress.update(bar, completed=sent))


def fetch(client: Client, path: str, address: str, sha256: str | None = None) -> None:
    """Have the server fetch a file for a resource, with a progress bar."""
    with bars.of_bytes() as progress:
        bar = progress.add_task(f"import {address.rpartition('/')[2]}", total=None)

        def see(upload: Upload) -> None:
            progress.update(bar, completed=upload.received, total=upload.length or None)

        client.fetch_file(path, address, sha256=sha256, progress=see)


def until_ready_or_exit(client: Client, path: str, what: str) -> dict[str, Any]:
    """Wait until a resource is checked, or print why it is not and end the command."""
    return or_exit(lambda: client.until_checked(path, what))


def fetch_or_exit(client: Client, path: str, address: str, sha256: str | None) -> None:
    """Fetch like `fetch`. A rejection is printed and ends the command."""
    or_exit(lambda: fetch(client, path, address, sha256))


def or_exit(wait: Callable[[], T]) -> T:
    """Wait for a file. A rejection or a timeout is printed and ends the command."""
    try:
        return wait()
    except FileRejectedError as rejection:
        print_rejection(rejection)
        raise typer.Exit(Exit.USAGE) from rejection
    except StillRunningError as late:
        err.say(str(late))
        raise typer.Exit(Exit.STILL_RUNNING) from late


def print_rejection(rejection: FileRejectedError) -> None:
    """Print why a file was rejected, and the first twenty findings."""
    err.say(*with_code(str(rejection)))
    print_findings(rejection.problem.get("errors", []))
