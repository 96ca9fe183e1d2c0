"""What both processes say to the command line, and the data sets that they read."""

from __future__ import annotations

import importlib.util
import json
import shlex
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from worker.intake import check_dataset_file

MISSING = (
    "Verifiers are written as ONNX files, which needs packages that are not installed: {}. Add them to this "
    "installation of Exhume with `{} -m pip install 'exhume[train-verifiers]'`."
)


def say(event: str, **more: Any) -> None:
    """Print one event for the parent, on a line of its own also after unfinished output."""
    sys.stdout.write("\n" + json.dumps({"event": event, **more}) + "\n")
    sys.stdout.flush()


def fail(detail: str) -> NoReturn:
    """Say why nothing was made, and end the process."""
    say("failed", detail=detail)
    sys.exit(1)


def require(packages: Sequence[str]) -> None:
    """End the process unless these packages are installed."""
    if missing := [name for name in packages if importlib.util.find_spec(name) is None]:
        fail(MISSING.format(", ".join(missing), shlex.quote(sys.executable)))


def read(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return images and labels of a set that the user named. Raises: Refused."""
    with tempfile.TemporaryDirectory(prefix="exhume-verifiers-") as folder:
        packed = Path(folder) / "packed.npz"
        for note in check_dataset_file(path, packed).notes:
            say("note", text=f"{path.name}: {note}")
        with np.load(packed, allow_pickle=False) as stored:
            return stored["images"], stored["labels"]
