"""Turn what a person types, a name or an id, into an id."""

from typing import Any, NoReturn

import typer

from app.cli.connection import errors
from app.cli.exit_codes import Exit
from app.client import Client


def project_id(client: Client, name: str | None, *, create: bool = False) -> str:
    """The project called `name` (or with that id); the only one if none is named; made if `create`."""
    found = list(client.items("/projects"))
    if name is None and len(found) == 1:
        return str(found[0]["id"])
    if name is None and not found and create:
        name = "default"
    if name is None:
        _stop("name a project with --project" + _known(found))
    for project in found:
        if name in {project["id"], project["name"]}:
            return str(project["id"])
    if create:
        return str(client.post("/projects", {"name": name})["id"])
    _stop(f"no project {name!r}" + _known(found))


def target_id(client: Client, project: str, name: str, *, create: bool = False) -> str:
    """The target called `name` (or with that id), made if `create`."""
    found = list(client.items(f"/projects/{project}/targets"))
    for target in found:
        if name in {target["id"], target["name"]}:
            return str(target["id"])
    if create:
        return str(client.post(f"/projects/{project}/targets", {"name": name})["id"])
    _stop(f"no target {name!r}" + _known(found))


def release(client: Client, project: str, name: str) -> dict[str, Any]:
    """A release by id, by `target:version`, by a version that only one target has, or by a target with one release.

    Where a target has several the version is asked for: which model is audited must not depend on the day.
    """
    if name.startswith("rel_"):
        return dict(client.get(f"/releases/{name}"))
    found = list(client.items(f"/projects/{project}/releases"))
    targets = {t["id"]: t["name"] for t in client.items(f"/projects/{project}/targets")}
    labels = [(f"{targets.get(r['target_id'])}:{r['version']}", r) for r in found]
    matches = [r for label, r in labels if name in {label, r["version"]}]
    if not matches:
        matches = [r for r in found if targets.get(r["target_id"]) == name and r["twin_of"] is None]
    if len(matches) == 1:
        return matches[0]
    known = ", ".join(label for label, _ in labels[:10])
    _stop(f"{'several releases are' if matches else 'no release is'} called {name!r}; name one of: {known or 'none'}")


def dataset(client: Client, project: str, name: str) -> dict[str, Any]:
    """A dataset by id or name."""
    if name.startswith("dst_"):
        return dict(client.get(f"/datasets/{name}"))
    found = list(client.items(f"/projects/{project}/datasets"))
    for candidate in found:
        if candidate["name"] == name:
            return candidate
    _stop(f"no dataset {name!r}" + _known(found))


def verifier(client: Client, project: str, name: str) -> dict[str, Any]:
    """An uploaded verifier by id or name, or a bundled one by name."""
    if name.startswith("ver_"):
        return dict(client.get(f"/verifiers/{name}"))
    found = [*client.items(f"/projects/{project}/verifiers"), *client.items("/bundled-verifiers")]
    for candidate in found:
        if candidate["name"] == name:
            return candidate
    _stop(f"no verifier {name!r}" + _known(found))


def _known(found: list[dict[str, Any]]) -> str:
    return "; there is: " + (", ".join(str(one["name"]) for one in found[:10]) or "none")


def _stop(message: str) -> NoReturn:
    errors.print(message, highlight=False, markup=False)
    raise typer.Exit(Exit.USAGE)
