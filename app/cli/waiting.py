"""Waiting in the terminal until a file is sent or fetched, and checked."""

import time
from pathlib import Path
from typing import Any

import typer

from app.cli import bars
from app.cli.connection import print_findings
from app.cli.terminal import err, printable
from app.client import Client, resumable
from app.contract.exit_codes import Exit

POLL_SECONDS = 0.3


class IntakeRefusedError(Exception):
    """The server rejected an upload. `problem` says why and what to do."""

    def __init__(self, what: str, problem: dict[str, Any]) -> None:
        self.problem = problem
        super().__init__(f"{what} was rejected ({problem.get('code')}): {problem.get('detail')}")


def upload(client: Client, subject: str, file: Path, sha256: str | None = None) -> None:
    """Send a file to a resource (`/releases/rel_…`) with a progress bar. Resumes after a break."""
    with bars.of_bytes() as progress:
        bar = progress.add_task(f"upload {printable(file.name)}", total=file.stat().st_size)
        resumable.upload(client, subject, file, sha256=sha256, at=lambda sent: progress.update(bar, completed=sent))


def until_ready(client: Client, what: str, path: str, *, timeout: float = 600) -> dict[str, Any]:
    """Poll a release or dataset until it is ready.

    Raises `IntakeRefusedError` or `TimeoutError`.
    """
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        row: dict[str, Any] = client.get(path)
        if row["state"] == "ready":
            return row
        if row["state"] == "refused":
            raise IntakeRefusedError(what, row["problem"] or {})
        time.sleep(POLL_SECONDS)
    raise TimeoutError(
        f"{what} has not been checked after {timeout:.0f} s. Is a worker running? `exhume doctor` checks it."
    )


def until_ready_or_exit(client: Client, path: str, what: str) -> dict[str, Any]:
    """Wait like `until_ready`. A rejection or a timeout is printed and ends the command."""
    try:
        return until_ready(client, what, path)
    except IntakeRefusedError as refusal:
        print_refusal(refusal)
        raise typer.Exit(Exit.USAGE) from refusal
    except TimeoutError as late:
        err.say(str(late))
        raise typer.Exit(Exit.STILL_RUNNING) from late


def until_fetched(client: Client, upload: dict[str, Any]) -> None:
    """Show an import until the file has arrived.

    Raises `IntakeRefusedError` when it was rejected or ended.
    """
    with bars.of_bytes() as progress:
        bar = progress.add_task(f"import {printable(upload['filename'])}", total=None)
        while upload["state"] == "receiving":
            progress.update(bar, completed=upload["received"], total=upload["length"] or None)
            time.sleep(POLL_SECONDS)
            upload = client.get(f"/uploads/{upload['id']}")
    if upload["state"] != "complete":
        ended = {"code": upload["state"], "detail": f"the import ended as {upload['state']}"}
        raise IntakeRefusedError(upload["address"], upload["problem"] or ended)


def until_fetched_or_exit(client: Client, upload: dict[str, Any]) -> None:
    """Wait like `until_fetched`. A rejection is printed and ends the command."""
    try:
        until_fetched(client, upload)
    except IntakeRefusedError as refusal:
        print_refusal(refusal)
        raise typer.Exit(Exit.USAGE) from refusal


def print_refusal(refusal: IntakeRefusedError) -> None:
    """Print why a file was rejected, and the first twenty findings."""
    err.say(str(refusal))
    print_findings(refusal.problem.get("errors", []))
