"""Log files of child processes, rotated when they grow large."""

from pathlib import Path
from typing import BinaryIO

LARGEST_BYTES = 10 * 1024 * 1024
TAIL_LINES = 15


def open_log(folder: Path, name: str) -> BinaryIO:
    """Open `<folder>/<name>.log` for appending.

    A file above 10 MiB becomes `<name>.log.1` first.
    """
    path = folder / f"{name}.log"
    if path.exists() and path.stat().st_size > LARGEST_BYTES:
        path.replace(path.with_suffix(".log.1"))
    return path.open("ab", buffering=0)


def tail(path: Path, lines: int = TAIL_LINES) -> str:
    """Return the last lines of a log, for an error message."""
    if not path.exists():
        return ""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 16 * 1024))
        return "\n".join(file.read().decode(errors="replace").splitlines()[-lines:])
