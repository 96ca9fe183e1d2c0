"""Files of releases that a project has already."""

import sys

import typer

from app.cli.terminal import err
from exhume import Client

_HELD = frozenset({"ready", "checking"})


def ask_about_known_file(client: Client, project: str, sha256: str) -> None:
    """Name the releases that have this file. On a terminal, ask whether to add another one.

    Raises: typer.Abort when the person says no.
    """
    found = client.items(f"/projects/{project}/releases", q=sha256)
    known = [one for one in found if one["sha256"] == sha256 and one["state"] in _HELD]
    err.say(*(f"This file is already release {one['version']} of {one['target_name']} ({one['id']})." for one in known))
    if known and sys.stdin.isatty():
        typer.confirm("Add it as another release?", abort=True, err=True)
