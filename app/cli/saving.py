"""Files that commands write what a server sent into."""

import os
from pathlib import Path

import typer

from app.cli.terminal import err
from app.contract.exit_codes import Exit

PRIVATE = 0o600


def save(file: Path, content: bytes, *, private: bool = False) -> None:
    """Write a file, or end the command with the reason. Only this user can read a private one."""
    try:
        with open(file, "wb", opener=_private if private else None) as written:
            written.write(content)
    except OSError as error:
        err.say(f"Cannot write {file}: {error.strerror}")
        raise typer.Exit(Exit.USAGE) from error


def _private(path: str, flags: int) -> int:
    """Open a file, and take the rights of everybody else before anything is written."""
    descriptor = os.open(path, flags, PRIVATE)
    os.fchmod(descriptor, PRIVATE)
    return descriptor
