"""Preflight of a checkpoint: whether the server would accept it and the project already has it."""

from pathlib import Path
from typing import Any

import typer

from app.cli import waiting
from app.cli.terminal import err
from app.client import ApiError, Client
from app.client import preflight as requests
from app.contract.exit_codes import Exit


def check_or_exit(client: Client, file: Path, description: dict[str, Any]) -> dict[str, Any]:
    """Return the result of the preflight. Prints a rejection and ends the command."""
    answer = requests.check(client, file, description)
    if answer["verdict"] == "refused":
        waiting.print_refusal(waiting.IntakeRefusedError(file.name, answer["problem"] or {}))
        if description:
            err.say("Nothing was sent. Use --no-preflight to send the file anyway.")
        raise typer.Exit(Exit.USAGE)
    return answer


def is_held(client: Client, path: str, sha256: str) -> bool:
    """Tell whether the project has this file. The release then uses it."""
    try:
        client.post(f"{path}/reuse", {"sha256": sha256})
    except ApiError as error:
        if error.code == "no_such_checkpoint":
            return False
        raise
    return True
