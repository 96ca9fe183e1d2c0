"""Lookup of resources by the name or id that a person types."""

from typing import Any, NoReturn

import typer

from app.cli.terminal import err
from app.contract.exit_codes import Exit
from app.kit.ids import parse_id
from exhume import Client

LISTED = 10


def project_id(client: Client, name: str | None, *, create: bool = False) -> str:
    """Return the id of the project named `name` (or with that id).

    Without a name it is the only project. With `create` a missing project is created.
    """
    found = list(client.items("/projects"))
    if name is None and len(found) == 1:
        return str(found[0]["id"])
    if name is None and not found and create:
        name = "default"
    if name is None:
        stop("Choose a project with --project." + _known(found))
    for project in found:
        if name in {project["id"], project["name"]}:
            return str(project["id"])
    if create:
        return str(client.post("/projects", {"name": name})["id"])
    stop(f"There is no project named {name!r}." + _known(found))


def organisation_id(client: Client, name: str | None) -> str:
    """Return the id of an organisation by name or id. Without a name it is the only one."""
    found = list(client.items("/organisations"))
    for one in found:
        if (name is None and len(found) == 1) or name in {one["id"], one["name"]}:
            return str(one["id"])
    problem = "Choose an organisation with --organisation." if name is None else f"There is no organisation {name!r}."
    stop(problem + _known(found))


def target_id(client: Client, project: str, name: str, *, create: bool = False) -> str:
    """Return the id of the target named `name` (or with that id).

    `create` creates a missing one.
    """
    found = list(client.items(f"/projects/{project}/targets"))
    for target in found:
        if name in {target["id"], target["name"]}:
            return str(target["id"])
    if create:
        return str(client.post(f"/projects/{project}/targets", {"name": name})["id"])
    stop(f"There is no target named {name!r}." + _known(found))


def release(client: Client, project: str, name: str) -> dict[str, Any]:
    """Return a release by id, `target:version`, unique version, or target with a single release.

    If a target has several, the user must name the version, because the choice of the audited
    model must not depend on the day.
    """
    if is_id("rel", name):
        return dict(client.get(f"/releases/{name}"))
    found = list(client.items(f"/projects/{project}/releases"))
    targets = {t["id"]: t["name"] for t in client.items(f"/projects/{project}/targets")}
    labels = [(f"{targets.get(r['target_id'])}:{r['version']}", r) for r in found]
    matches = [r for label, r in labels if name in {label, r["version"]}]
    if not matches:
        matches = [r for r in found if targets.get(r["target_id"]) == name and r["twin_of"] is None]
    if len(matches) == 1:
        return matches[0]
    known = _listed([label for label, one in labels if not matches or one in matches])
    if matches:
        stop(f"Several releases match {name!r}: {known}. Name one of them.")
    stop(f"There is no release named {name!r}. Releases: {known}.")


def release_id(client: Client, project: str | None, name: str) -> str:
    """Return the id of a release by id or name. An id needs no project."""
    return name if is_id("rel", name) else str(release(client, project_id(client, project), name)["id"])


def dataset_id(client: Client, project: str | None, name: str) -> str:
    """Return the id of a data set by id or name. An id needs no project."""
    return name if is_id("dst", name) else str(dataset(client, project_id(client, project), name)["id"])


def is_id(prefix: str, name: str) -> bool:
    """Return whether a name is an id such as `dst_0198...`."""
    try:
        parse_id(prefix, name)
    except ValueError:
        return False
    return True


def dataset(client: Client, project: str, name: str) -> dict[str, Any]:
    """Return a data set by id or name."""
    if is_id("dst", name):
        return dict(client.get(f"/datasets/{name}"))
    found = list(client.items(f"/projects/{project}/datasets"))
    for candidate in found:
        if candidate["name"] == name:
            return candidate
    stop(f"There is no data set named {name!r}." + _known(found))


def verifier(client: Client, project: str, name: str) -> dict[str, Any]:
    """Return an uploaded verifier by id or name, or a bundled one by name."""
    if is_id("ver", name):
        return dict(client.get(f"/verifiers/{name}"))
    found = [*client.items(f"/projects/{project}/verifiers"), *client.items("/bundled-verifiers")]
    for candidate in found:
        if candidate["name"] == name:
            return candidate
    stop(f"There is no verifier named {name!r}." + _known(found))


def verifier_id(client: Client, project: str | None, name: str) -> str:
    """Return the id of an uploaded verifier by id or name. An id needs no project."""
    if is_id("ver", name):
        return name
    found = verifier(client, project_id(client, project), name)
    if "id" not in found:
        stop(f"The verifier {name!r} comes with Exhume, so it has no id and cannot be deleted.")
    return str(found["id"])


def named(client: Client, project: str, kind: str, noun: str, name: str) -> dict[str, Any]:
    """Return the item of a project's list, such as `schedules`, by id or name."""
    found = list(client.items(f"/projects/{project}/{kind}"))
    for candidate in found:
        if name in {candidate["id"], candidate["name"]}:
            return candidate
    stop(f"There is no {noun} named {name!r}." + _known(found))


def _known(found: list[dict[str, Any]]) -> str:
    return f" Available: {_listed([str(one['name']) for one in found])}."


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
    return (", ".join(names[:LISTED]) or "none") + more


def stop(message: str) -> NoReturn:
    """End the command with a message about its arguments."""
    err.say(message)
    raise typer.Exit(Exit.USAGE)
