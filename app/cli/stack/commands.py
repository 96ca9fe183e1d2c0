"""Commands that start each process, for `exhume up`, `exhume worker` and containers."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import app

MODULES = {"api": "app.cli.processes.api", "worker": "worker", "scheduler": "app.cli.processes.scheduler"}


def command(process: str, arguments: Sequence[str] = ()) -> list[str]:
    """Return the command of `api`, `worker` or `scheduler`.

    `-P` prevents Python from importing a folder `app` in the user's working directory.
    """
    return [sys.executable, "-P", "-m", MODULES[process], *arguments]


def environment(extra: dict[str, str] | None = None) -> dict[str, str]:
    """Return this process's environment plus `extra`.

    In a checkout that is not installed, its folder is added to the path.
    """
    root = Path(app.__file__).parents[1]
    # spinning threads starve a busy machine
    values = {"OMP_WAIT_POLICY": "PASSIVE"} | os.environ | (extra or {})
    if root.name != "site-packages":
        values["PYTHONPATH"] = os.pathsep.join([str(root), *filter(None, [values.get("PYTHONPATH")])])
    return values


def become(process: str, arguments: Sequence[str] = ()) -> None:
    """Replace this process. Signals and exit status are then those of the new process."""
    os.execve(  # noqa: S606 - no shell is wanted
        sys.executable, command(process, arguments), environment()
    )
