"""`exhume policy`: what releases must meet."""

from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli import lookup
from app.cli.arguments import JsonOption, ProjectOption, SearchOption, SortOption
from app.cli.connection import server
from app.cli.policy_file import read_policy, written
from app.cli.terminal import err, out
from app.contract.shares import share, span
from exhume import Client

policy_app = typer.Typer()

NameArgument = Annotated[str, typer.Argument(metavar="POLICY", help="Name or id of the policy.")]
FileArgument = Annotated[Path, typer.Argument(help="Policy in YAML or JSON.", exists=True, dir_okay=False)]
TargetOption = Annotated[str | None, typer.Option("--target", "-t", help="Name or id of the target.")]
DefaultOption = Annotated[
    bool, typer.Option("--default", help="The default of the project, for targets without a policy of their own.")
]
STYLES = {"pass": "green", "warn": "yellow", "fail": "red"}


@policy_app.command("create")
def create(
    name: Annotated[str, typer.Argument(help="A name.")], file: FileArgument, project: ProjectOption = None
) -> None:
    """Create a policy, or add a version to the policy with this name."""
    body = {"policy": read_policy(file).model_dump(mode="json", by_alias=True)}
    with server() as client:
        path = f"/projects/{lookup.project_id(client, project, create=True)}/policies"
        found = next((one for one in client.items(path) if one["name"] == name), None)
        if found is None:
            made = client.post(path, {"name": name, **body})
            out.say(f"{made['id']}  {name} version 1")
            err.say(f"`exhume policy assign {name} --target TARGET` makes it decide the releases of a target.")
            return
        version = client.post(f"/policies/{found['id']}/versions", body)
        same = " (unchanged)" if version["version"] == found["newest"]["version"] else ""
        out.say(f"{found['id']}  {name} version {version['version']}{same}")


@policy_app.command("list")
def list_policies(
    project: ProjectOption = None, search: SearchOption = None, sort: SortOption = None, as_json: JsonOption = False
) -> None:
    """List the policies of a project."""
    with server() as client:
        identifier = lookup.project_id(client, project)
        found = list(client.items(f"/projects/{identifier}/policies", q=search, sort=sort))
        targets = {one["id"]: one["name"] for one in client.items(f"/projects/{identifier}/targets")}
    if as_json:
        out.json(found)
        return
    rows = [
        {
            "id": one["id"],
            "name": one["name"],
            "version": one["newest"]["version"],
            "targets": ", ".join(targets.get(target, target) for target in one["targets"]),
            "default": "yes" if one["is_default"] else None,
        }
        for one in found
    ]
    out.rows(rows, ("id", "name", "version", "targets", "default"))


@policy_app.command("show")
def show(
    name: NameArgument,
    version: Annotated[int | None, typer.Option(min=1, help="Default: the newest.")] = None,
    project: ProjectOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print a version of a policy as YAML."""
    with server() as client:
        policy = find(client, name, project)
        chosen = policy["newest"]
        if version is not None:
            versions = client.items(f"/policies/{policy['id']}/versions")
            chosen = next((one for one in versions if one["version"] == version), None)
            if chosen is None:
                lookup.stop(f"{policy['name']} has the versions 1 to {policy['newest']['version']}.")
    if as_json:
        out.json(chosen)
        return
    err.say(f"{policy['name']} version {chosen['version']}, by {chosen['created_by']}")
    out.block(written(chosen["policy"]))


@policy_app.command("assign")
def assign(
    name: NameArgument, target: TargetOption = None, default: DefaultOption = False, project: ProjectOption = None
) -> None:
    """Assign a policy to a target, or to all targets that have no policy of their own."""
    with server() as client:
        found = find(client, name, project)
        _put(client, target, project, found["id"], default=default)
        whose = f"the releases of {target}" if target else "the releases of every target without a policy of its own"
        err.say(f"{found['name']} decides {whose}. Finished audits are decided within seconds.")


@policy_app.command("unassign")
def unassign(target: TargetOption = None, default: DefaultOption = False, project: ProjectOption = None) -> None:
    """Remove the policy of a target, or the default of a project."""
    with server() as client:
        _put(client, target, project, None, default=default)
        err.say(f"{target} uses the default of the project." if target else "The project has no default policy.")


@policy_app.command("delete")
def delete(name: NameArgument, project: ProjectOption = None) -> None:
    """Delete a policy that no target uses. Its versions and decisions stay readable."""
    with server() as client:
        found = find(client, name, project)
        client.delete(f"/policies/{found['id']}")
        err.say(f"{found['name']} was deleted. Its decisions stay.")


@policy_app.command("test")
def try_draft(
    file: FileArgument,
    target: TargetOption = None,
    releases: Annotated[int, typer.Option(min=1, max=50, help="Number of newest releases of each target.")] = 10,
    project: ProjectOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what a draft would have decided on the last releases. Changes nothing."""
    policy = read_policy(file).model_dump(mode="json", by_alias=True)
    with server() as client:
        identifier = lookup.project_id(client, project)
        body: dict[str, Any] = {"policy": policy, "releases": releases}
        if target is not None:
            body["target_id"] = lookup.target_id(client, identifier, target)
        report = client.post(f"/projects/{identifier}/policies/test", body)
    if as_json:
        out.json(report)
        return
    err.say(*report["cannot_pass"])
    if not report["items"]:
        out.say("No release has a finished audit yet.")
        return
    columns = ("release", "risk R", "interval", "now", "draft", "reason")
    out.table(columns, [_row(one) for one in report["items"]], right=("risk R",), whole=("now", "draft"))


@policy_app.command("decisions")
def decisions(
    target: Annotated[str, typer.Option("--target", "-t", help="Name or id of the target.")],
    project: ProjectOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the decisions of a target, newest first."""
    with server() as client:
        identifier = lookup.target_id(client, lookup.project_id(client, project), target)
        found = list(client.items(f"/targets/{identifier}/decisions"))
    if as_json:
        out.json(found)
        return
    rows = [
        {
            "at": one["at"][:16].replace("T", " "),
            "release": one["release"]["version"],
            "outcome": one["outcome"],
            "policy": f"{one['policy']['name']} {one['policy']['version']}",
            "cause": one["cause"],
            "sentence": one["sentence"],
        }
        for one in found
    ]
    out.rows(rows, ("at", "release", "outcome", "policy", "cause", "sentence"))


def find(client: Client, name: str, project: str | None) -> dict[str, Any]:
    """Return a policy by id or name."""
    if name.startswith("pol_"):
        return dict(client.get(f"/policies/{name}"))
    return lookup.named(client, lookup.project_id(client, project), "policies", "policy", name)


def _put(client: Client, target: str | None, project: str | None, policy: str | None, *, default: bool) -> None:
    if default == (target is not None):
        lookup.stop("Choose a target with --target, or --default.")
    identifier = lookup.project_id(client, project)
    if target is None:
        client.put(f"/projects/{identifier}/policy", {"policy_id": policy})
        return
    client.put(f"/targets/{lookup.target_id(client, identifier, target)}/policy", {"policy_id": policy})


def _row(one: dict[str, Any]) -> tuple[object, ...]:
    decision = one["decision"]
    risk, release = decision["risk"], decision["release"]
    return (
        f"{release['target']}:{release['version']}",
        None if risk is None else share(risk["value"]),
        None if risk is None else span(risk["low"], risk["high"]),
        one["stored"],
        decision["outcome"],
        decision["sentence"].partition(": ")[2],
    )
