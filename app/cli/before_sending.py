"""Before a checkpoint is sent: would it be taken, and is it there already?"""

from pathlib import Path
from typing import Any

import typer
from rich.console import Console

from app.cli import waiting
from app.cli.exit_codes import Exit
from app.client import ApiError, Client, preflight


def look_or_exit(client: Client, console: Console, file: Path, description: dict[str, Any]) -> dict[str, Any]:
    """What the intake would say by the header alone; a refusal is printed and ends the command."""
    answer = preflight.look(client, file, description)
    if answer["verdict"] == "refused":
        waiting.print_refusal(console, waiting.IntakeRefusedError(file.name, answer["problem"] or {}))
        if description:
            console.print("Nothing was sent. --no-preflight sends it all the same.", highlight=False)
        raise typer.Exit(Exit.USAGE)
    return answer


def is_held(client: Client, path: str, sha256: str) -> bool:
    """Whether the project holds this file; the release then takes it as its own."""
    try:
        client.post(f"{path}/reuse", {"sha256": sha256})
    except ApiError as error:
        if error.code == "no_such_checkpoint":
            return False
        raise
    return True
