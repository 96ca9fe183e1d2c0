"""`exhume waiver`: permission to ship although a rule fails."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, get_args

import typer

from app.cli import lookup
from app.cli.arguments import JsonOption, ProjectOption, SearchOption, SortOption, id_of
from app.cli.connection import server
from app.cli.terminal import err, out
from app.contract.exit_codes import Exit
from app.contract.gate_rules import RULES, RuleId

waiver_app = typer.Typer()


def _rule(value: str | None) -> str | None:
    """Accept an id or a name of a rule."""
    by_name = {rule.name: identifier for identifier, rule in RULES.items()}
    found = None if value is None else by_name.get(value, value.upper())
    if found is not None and found not in get_args(RuleId):
        known = ", ".join(f"{identifier} {rule.name}" for identifier, rule in RULES.items())
        raise typer.BadParameter(f"{value!r} is not a rule. The rules are {known}.")
    return found


WaiverArgument = Annotated[
    str, typer.Argument(help="Id of the waiver.", callback=id_of("wai", "a waiver", "exhume waiver list"))
]
TargetOption = Annotated[str, typer.Option("--target", "-t", help="Name or id of the target.")]


@waiver_app.command("ask")
def ask(
    target: TargetOption,
    reason: Annotated[str, typer.Option(help="Why the release may ship. Every report shows it.")],
    days: Annotated[int, typer.Option(min=1, max=366, help="Days until it expires.")],
    rule: Annotated[str | None, typer.Argument(help="Rule that fails, such as EXH001.", callback=_rule)] = None,
    finding: Annotated[str | None, typer.Option(help="Name of an exposed identity, instead of a rule.")] = None,
    release: Annotated[str | None, typer.Option(help="Version or id. Default: the newest release.")] = None,
    until_next_release: Annotated[
        bool, typer.Option("--until-next-release", help="Also end when a newer release is ready.")
    ] = False,
    project: ProjectOption = None,
) -> None:
    """Ask for a waiver. It counts once somebody else approves it."""
    if (rule is None) == (finding is None):
        err.say("Name either a rule, such as EXH001, or --finding NAME.")
        raise typer.Exit(Exit.USAGE)
    with server() as client:
        identifier = lookup.project_id(client, project)
        name = release if release is None or release.startswith("rel_") else f"{target}:{release}"
        body = {
            "rule": rule,
            "finding": finding,
            "release_id": None if name is None else lookup.release(client, identifier, name)["id"],
            "until_next_release": until_next_release,
            "reason": reason,
            "expires_at": (datetime.now(UTC) + timedelta(days=days)).isoformat(),
        }
        made = client.post(f"/targets/{lookup.target_id(client, identifier, target)}/waivers", body)
    out.say(made["id"])
    err.say(f"Somebody else can approve it with `exhume waiver approve {made['id']}`.")


@waiver_app.command("show")
def show(waiver: WaiverArgument) -> None:
    """Print a waiver as JSON: what it covers, its reason, and who approved it."""
    with server() as client:
        out.json(client.get(f"/waivers/{waiver}"))


@waiver_app.command("approve")
def approve(waiver: WaiverArgument) -> None:
    """Approve a waiver that somebody else asked for."""
    with server() as client:
        made = client.post(f"/waivers/{waiver}/approve")
    out.say(f"{made['rule'] or made['finding']} is waived until {made['expires_at'][:10]}.")


@waiver_app.command("revoke")
def revoke(waiver: WaiverArgument) -> None:
    """End a waiver, or withdraw a request."""
    with server() as client:
        client.post(f"/waivers/{waiver}/revoke")


@waiver_app.command("list")
def list_waivers(
    target: TargetOption,
    project: ProjectOption = None,
    search: SearchOption = None,
    sort: SortOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the waivers of a target, newest first."""
    with server() as client:
        identifier = lookup.project_id(client, project)
        path = f"/targets/{lookup.target_id(client, identifier, target)}/waivers"
        found = list(client.items(path, q=search, sort=sort))
        versions = {one["id"]: one["version"] for one in client.items(f"/projects/{identifier}/releases")}
    if as_json:
        out.json(found)
        return
    rows = [_row(one, versions) for one in found]
    out.rows(rows, ("id", "covers", "release", "state", "expires", "asked_by", "approved_by", "reason"))


def _row(one: dict[str, Any], versions: dict[str, str]) -> dict[str, Any]:
    until = " or next release" if one["until_next_release"] else ""
    return {
        **{name: one[name] for name in ("id", "state", "asked_by", "approved_by", "reason")},
        "covers": one["rule"] or one["finding"],
        "release": versions.get(one["release_id"]),
        "expires": one["expires_at"][:10] + until,
    }
