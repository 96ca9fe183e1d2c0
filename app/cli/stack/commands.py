"""How each process of the service is started: the same words for `exhume up`, `exhume worker` and containers."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import app

MODULES = {"api": "app.cli.processes.api", "worker": "worker", "scheduler": "app.cli.processes.scheduler"}


def command(process: str, arguments: Sequence[str] = ()) -> list[str]:
    """The command of `api`, `worker` or `scheduler`. `-P`: a folder `app` where the user stands is not ours."""
    return [sys.executable, "-P", "-m", MODULES[process], *arguments]


def environment(extra: dict[str, str] | None = None) -> dict[str, str]:
    """This process's environment plus `extra`; in a checkout that is not installed, with its folder on the path."""
    root = Path(app.__file__).parents[1]
    values = {"OMP_WAIT_POLICY": "PASSIVE"} | os.environ | (extra or {})  # threads that spin starve a busy machine
    if root.name != "site-packages":
        values["PYTHONPATH"] = os.pathsep.join([str(root), *filter(None, [values.get("PYTHONPATH")])])
    return values


def become(process: str, arguments: Sequence[str] = ()) -> None:
    """Replace this process; signals and exit status then are the process's own."""
    os.execve(  # noqa: S606 - no shell is wanted
        sys.executable, command(process, arguments), environment()
    )
