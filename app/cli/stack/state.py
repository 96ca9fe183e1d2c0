"""The files that lead commands to a running stack: `up.json` and `admin.key`, both 0600."""

import json
import os
from pathlib import Path
from typing import Any

from app.embedded import lock


def write_private(path: Path, text: str) -> None:
    """Replace `path` atomically by a file that only this user can read."""
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    partial.replace(path)


def publish(data_dir: Path, state: dict[str, Any], admin_key: str) -> None:
    """Announce that the stack can be used."""
    write_private(data_dir / "run" / "admin.key", admin_key + "\n")
    write_private(data_dir / "run" / "up.json", json.dumps(state, indent=1) + "\n")


def withdraw(data_dir: Path) -> None:
    """Announce that the stack can no longer be used."""
    (data_dir / "run" / "up.json").unlink(missing_ok=True)


def published(data_dir: Path) -> dict[str, Any] | None:
    """Return the published state, or None if no stack runs or it belongs to another user."""
    try:
        if not lock.is_held(data_dir):
            return None
        state: dict[str, Any] = json.loads((data_dir / "run" / "up.json").read_text())
    except (FileNotFoundError, PermissionError):
        return None
    return state
