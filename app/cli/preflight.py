"""Preflight of a checkpoint: whether the server would accept it."""

from pathlib import Path
from typing import Any

import typer

from app.cli import waiting
from app.cli.terminal import err
from app.contract.exit_codes import Exit
from exhume import Client, FileRejectedError


def check_or_exit(client: Client, file: Path, description: dict[str, Any]) -> dict[str, Any]:
    """Return the result of the preflight. Prints a rejection and ends the command."""
    answer = client.preflight(file, description)
    if answer["verdict"] == "refused":
        waiting.print_rejection(FileRejectedError(file.name, answer["problem"] or {}))
        if description:
            err.say("Nothing was sent. Use --no-preflight to send the file anyway.")
        raise typer.Exit(Exit.USAGE)
    return answer
