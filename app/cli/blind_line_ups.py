"""`exhume blind-line-up`: people look at reconstructions without knowing whom they show."""

from typing import Annotated, Any

import typer

from app.cli.arguments import AuditArgument, JsonOption, id_of
from app.cli.connection import server
from app.cli.terminal import out
from app.contract.shares import interval, share

blind_line_up_app = typer.Typer()
LineUpArgument = Annotated[
    str,
    typer.Argument(
        metavar="LINE_UP",
        help="Id of the blind line-up.",
        callback=id_of("blu", "a blind line-up", "exhume blind-line-up list"),
    ),
]
RATES = {
    "matched": "match rate of people",
    "others": "matched to another person",
    "matched_when_sure": "match rate when sure",
    "false_alarms": "false alarms on controls",
    "sensitivity": "sensitivity of people",
    "specificity": "specificity of people",
}


@blind_line_up_app.command("create")
def create_blind_line_up(
    audit: AuditArgument,
    candidates: Annotated[int, typer.Option(min=2, max=9, help="Candidates of each item.")] = 6,
    identities: Annotated[
        int, typer.Option(min=3, max=500, help="Largest number of identities whose reconstructions are shown.")
    ] = 40,
) -> None:
    """Make a blind line-up of a finished audit. Reviewers find it on the page of the audit."""
    with server() as client:
        body = {"candidates": candidates, "identities": identities}
        out.say(client.post(f"/audits/{audit}/blind-line-ups", body)["id"])


@blind_line_up_app.command("list")
def list_blind_line_ups(audit: AuditArgument) -> None:
    """List the blind line-ups of an audit, newest first."""
    with server() as client:
        rows = [_row(one) for one in client.items(f"/audits/{audit}/blind-line-ups")]
    out.rows(rows, ("id", "items", "candidates", "reviews", "finished", "created_by", "created_at"))


@blind_line_up_app.command("show")
def show_blind_line_up(line_up: LineUpArgument, as_json: JsonOption = False) -> None:
    """Show who reviews a blind line-up and how far they are, without answers."""
    with server() as client:
        found = client.get(f"/blind-line-ups/{line_up}")
    if as_json:
        out.json(found)
        return
    out.say(f"{found['items']} items with {found['candidates']} candidates each, {found['digest']}")
    if found["pictures_deleted"]:
        out.say("The pictures were deleted, so reviews have ended.")
    out.rows(found["reviews"], ("name", "answered", "begun_at", "finished_at"))


@blind_line_up_app.command("results")
def results_of_blind_line_up(line_up: LineUpArgument, as_json: JsonOption = False) -> None:
    """Show the results. Whoever reads them before a review cannot begin one any more."""
    with server() as client:
        found = client.get(f"/blind-line-ups/{line_up}/results")
    if as_json:
        out.json(found)
        return
    out.say(found["sentence"])
    for name, label in RATES.items():
        if found[name] is not None:
            out.say(f"  {label}: {interval(found[name])}, n = {found[name]['n']}")
    out.say(f"  chance: {share(found['chance'])}")
    if found["agreement"] is not None:
        out.say(f"  agreement of reviewers (Krippendorff's alpha): {found['agreement']:.2f}")
    for one in found["verifiers"]:
        out.say(f"  {_beside(one)}")


@blind_line_up_app.command("delete")
def delete_blind_line_up(line_up: LineUpArgument) -> None:
    """Delete a blind line-up with all its answers."""
    with server() as client:
        client.delete(f"/blind-line-ups/{line_up}")


def _row(line_up: dict[str, Any]) -> dict[str, Any]:
    reviews = line_up["reviews"]
    finished = sum(one["finished_at"] is not None for one in reviews)
    return line_up | {"reviews": len(reviews), "finished": finished}


def _beside(one: dict[str, Any]) -> str:
    name = "all verifiers" if one["name"] is None else one["name"]
    return (
        f"{name}: recognises {one['recognised']} of {one['of']}, people confirm {one['confirmed']} of these and match "
        f"{one['people_only']} others"
    )
