"""`exhume source`: places that are watched for new files of a target."""

from typing import Annotated, Any

import typer

from app.cli import lookup
from app.cli.arguments import (
    ClassesAreOption,
    ConfirmOrderOption,
    DescriptionOption,
    ProjectOption,
    SearchOption,
    SortOption,
)
from app.cli.connection import server
from app.cli.descriptions import read_description
from app.cli.terminal import err, out
from exhume import Client

source_app = typer.Typer()
SourceArgument = Annotated[str, typer.Argument(help="Id or name of the source.")]


@source_app.command("create")
def create_source(
    name: Annotated[str, typer.Argument(help="Name of the source.")],
    address: Annotated[
        str,
        typer.Argument(
            help="models:/name@alias, models:/name/Stage, hf://owner/name@branch/file, s3://bucket/prefix/ or "
            "https://host/file."
        ),
    ],
    target: Annotated[str, typer.Option(help="Target that new files are releases of; created if it does not exist.")],
    description: DescriptionOption,
    schedule: Annotated[
        str | None, typer.Option(help="Schedule of the target whose audit is started for a new release.")
    ] = None,
    check_seconds: Annotated[int, typer.Option(help="Seconds between two checks.", min=60, max=86_400)] = 300,
    write_back: Annotated[bool, typer.Option("--write-back", help="Write results to MLflow as tags.")] = False,
    pass_alias: Annotated[
        str | None, typer.Option(help="Alias that MLflow gives to a version whose verdict is PASS.")
    ] = None,
    project: ProjectOption = None,
    classes_are: ClassesAreOption = None,
    confirm_class_order: ConfirmOrderOption = False,
) -> None:
    """Watch an address. Prints the secret for its webhooks, which is not shown again."""
    release = read_description(description, classes_are, confirm_order=confirm_class_order)
    with server() as client:
        owner = lookup.project_id(client, project)
        body: dict[str, Any] = {
            "name": name,
            "address": address,
            "target_id": lookup.target_id(client, owner, target, create=True),
            "release": release,
            "check_seconds": check_seconds,
            "write_back": write_back,
            "pass_alias": pass_alias,
        }
        if schedule is not None:
            body["schedule_id"] = lookup.named(client, owner, "schedules", "schedule", schedule)["id"]
        made = client.post(f"/projects/{owner}/sources", body)
        err.say(f"source {made.get('id')}", f"webhook {client.url}{made.get('webhook_path', '')}")
        out.say(str(made.get("webhook_secret")))


@source_app.command("list")
def list_sources(project: ProjectOption = None, search: SearchOption = None, sort: SortOption = None) -> None:
    """List sources, the revision that each has now, and why a check failed."""
    with server() as client:
        rows = list(client.items(f"/projects/{lookup.project_id(client, project)}/sources", q=search, sort=sort))
        rows = [row | {"reason": (row.get("problem") or {}).get("code")} for row in rows]
        out.rows(rows, ("id", "name", "address", "active", "seen", "checked_at", "reason"))


@source_app.command("show")
def show_source(source: SourceArgument, project: ProjectOption = None) -> None:
    """Print a source as JSON."""
    with server() as client:
        out.json(_found(client, project, source))


@source_app.command("check")
def check_source(source: SourceArgument, project: ProjectOption = None) -> None:
    """Check a source within seconds, and retry a revision that failed."""
    with server() as client:
        client.post(f"/sources/{_found(client, project, source)['id']}/check")


@source_app.command("changes")
def list_changes(source: SourceArgument, project: ProjectOption = None) -> None:
    """List the revisions that were found, their releases, and why others failed."""
    with server() as client:
        found = client.items(f"/sources/{_found(client, project, source)['id']}/changes")
        rows = [one | {"reason": (one.get("problem") or {}).get("code")} for one in found]
        out.rows(rows, ("created_at", "revision", "release_id", "run_id", "written_at", "reason"))


@source_app.command("pause")
def pause_source(source: SourceArgument, project: ProjectOption = None) -> None:
    """Pause a source. It is not watched until it is resumed."""
    _switch(source, project, active=False)


@source_app.command("resume")
def resume_source(source: SourceArgument, project: ProjectOption = None) -> None:
    """Watch a paused source again."""
    _switch(source, project, active=True)


@source_app.command("delete")
def delete_source(source: SourceArgument, project: ProjectOption = None) -> None:
    """Delete a source and the list of its changes. Its releases stay."""
    with server() as client:
        client.delete(f"/sources/{_found(client, project, source)['id']}")


def _found(client: Client, project: str | None, source: str) -> dict[str, Any]:
    return lookup.named(client, lookup.project_id(client, project), "sources", "source", source)


def _switch(source: str, project: str | None, *, active: bool) -> None:
    with server() as client:
        client.patch(f"/sources/{_found(client, project, source)['id']}", {"active": active})
