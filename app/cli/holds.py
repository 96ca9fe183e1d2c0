"""`exhume hold`: legal holds."""

from typing import Annotated

import typer

from app.cli import lookup
from app.cli.arguments import ProjectOption, SearchOption, SortOption, id_of
from app.cli.connection import server
from app.cli.terminal import out

hold_app = typer.Typer()
HoldArgument = Annotated[
    str,
    typer.Argument(metavar="HOLD", help="Id of the hold.", callback=id_of("hld", "a legal hold", "exhume hold list")),
]


@hold_app.command("place")
def place_hold(
    subject: Annotated[str, typer.Argument(help="Id of a project, data set, release, verifier or audit.")],
    reason: Annotated[str, typer.Option(help="Why it must be kept.")],
    project: ProjectOption = None,
) -> None:
    """Forbid a deletion, and stop the retention of pictures, until the hold is released."""
    with server() as client:
        path = f"/projects/{lookup.project_id(client, project)}/holds"
        out.say(client.post(path, {"subject": subject, "reason": reason})["id"])


@hold_app.command("list")
def list_holds(project: ProjectOption = None, search: SearchOption = None, sort: SortOption = None) -> None:
    """List the legal holds of a project, newest first."""
    with server() as client:
        rows = list(client.items(f"/projects/{lookup.project_id(client, project)}/holds", q=search, sort=sort))
    out.rows(rows, ("id", "subject", "reason", "placed_by", "created_at", "released_at"))


@hold_app.command("release")
def release_hold(hold: HoldArgument) -> None:
    """Release a legal hold."""
    with server() as client:
        client.post(f"/holds/{hold}/release")
