"""Reports of a decision, written atomically."""

import os
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from app.contract.decision import Decision
from app.reports.formats import FORMATS, render
from app.reports.place import Place

STDOUT = Path("-")


class OutputError(Exception):
    """An `--output` that cannot be used."""


def parsed(words: list[str]) -> dict[str, Path]:
    """Read `FORMAT=PATH` options. Raises `OutputError`."""
    found: dict[str, Path] = {}
    for word in words:
        name, equals, path = word.partition("=")
        if not equals or not path:
            raise OutputError(f"--output {word!r} must be FORMAT=PATH, such as sarif=exhume.sarif.")
        if name not in FORMATS:
            raise OutputError(f"{name!r} is not a format. The formats are {', '.join(FORMATS)}.")
        found[name] = Path(path)
    return found


def check_writable(outputs: Mapping[str, Path]) -> None:
    """Create the folders of the outputs, before anything is audited. Raises OSError."""
    for path in outputs.values():
        if path == STDOUT or is_stream(path):
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir() or not os.access(path.parent, os.W_OK):
            raise OSError(0, "cannot be written", str(path))


def is_stream(path: Path) -> bool:
    """Tell whether a path is a pipe or a device, such as /dev/stderr, which cannot be replaced."""
    return path.exists() and not path.is_file() and not path.is_dir()


def write(outputs: Mapping[str, Path], decision: Decision, place: Place) -> None:
    """Write every report. A reader sees the old file or the whole new one."""
    for name, path in outputs.items():
        content = render(name, decision, place)
        if path == STDOUT:
            sys.stdout.buffer.write(content)
            sys.stdout.flush()
        elif is_stream(path):
            path.write_bytes(content)
        else:
            replace(path, content)


def replace(path: Path, content: bytes) -> None:
    """Replace a file by one with this content, in one step. A link stays a link."""
    path = path.resolve()
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask()
    descriptor, partial = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(partial).chmod(mode)
        Path(partial).replace(path)
    except BaseException:
        Path(partial).unlink(missing_ok=True)
        raise


def _umask() -> int:
    found = os.umask(0)
    os.umask(found)
    return found
