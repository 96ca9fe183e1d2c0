"""Log files of child processes: appended to, and set aside when they have grown large."""

from pathlib import Path
from typing import BinaryIO

LARGEST_BYTES = 10 * 1024 * 1024
TAIL_LINES = 15


def open_log(folder: Path, name: str) -> BinaryIO:
    """Open `<folder>/<name>.log` for appending; a file above 10 MiB first becomes `<name>.log.1`."""
    path = folder / f"{name}.log"
    if path.exists() and path.stat().st_size > LARGEST_BYTES:
        path.replace(path.with_suffix(".log.1"))
    return path.open("ab", buffering=0)


def tail(path: Path, lines: int = TAIL_LINES) -> str:
    """The last lines of a log, for an error message."""
    if not path.exists():
        return ""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 16 * 1024))
        return "\n".join(file.read().decode(errors="replace").splitlines()[-lines:])
