"""`exhume verifier`: the embedders that judge reconstructions."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli import lookup, render, waiting
from app.cli.connection import errors, server
from app.cli.exit_codes import Exit
from app.cli.registry import ProjectOption, announce_anew, show_rows

console = render.console()
verifier_app = typer.Typer(help="Verifiers: embedders that judge reconstructions.", no_args_is_help=True)


@verifier_app.command("list")
def list_verifiers(project: ProjectOption = None) -> None:
    """List uploaded verifiers and those that come with the service."""
    with server() as client:
        path = f"/projects/{lookup.project_id(client, project)}/verifiers"
        rows = [_row(one) for one in client.items(path)]
        rows += [{"id": one["name"], "state": "bundled"} | _row(one) for one in client.items("/bundled-verifiers")]
        show_rows(rows, ("id", "name", "state", "takes", "embedding", "sha256"))


def _row(one: dict[str, Any]) -> dict[str, Any]:
    takes = f"{one['channels']}x{one['height']}x{one['width']}" if one.get("height") else None
    digest = str(one.get("digest") or one.get("sha256") or "").removeprefix("sha256:")
    row = {name: one[name] for name in ("id", "name", "state") if name in one}
    return row | {"takes": takes, "embedding": one.get("dim"), "sha256": digest[:16]}


@verifier_app.command("show")
def show_verifier(verifier: str, project: ProjectOption = None) -> None:
    """Print what is known of a verifier: its card, and what its checks found."""
    with server() as client:
        found = lookup.verifier(client, lookup.project_id(client, project), verifier)
        typer.echo(json.dumps(client.get(f"/verifiers/{found['id']}") if "id" in found else found, indent=2))


@verifier_app.command("upload")
def upload_verifier(
    file: Annotated[Path, typer.Argument(help="An ONNX embedder of images.", exists=True, dir_okay=False)],
    name: Annotated[str | None, typer.Option(help="Default: the file's name.")] = None,
    card: Annotated[
        Path | None, typer.Option(help="JSON that its maker wrote; default: the .json beside it.", exists=True)
    ] = None,
    convention: Annotated[
        str | None, typer.Option(help='JSON, such as {"mean": [0.5], "std": [0.5], "channel_order": "BGR"}.')
    ] = None,
    project: ProjectOption = None,
) -> None:
    """Upload a verifier and wait until it is checked. Broken off, the same command goes on."""
    beside = card or (file.with_suffix(".json") if file.with_suffix(".json").exists() else None)
    try:
        body: dict[str, Any] = {"name": name or file.stem, "card": json.loads(beside.read_text()) if beside else None}
        if convention is not None:
            body["convention"] = json.loads(convention)
    except ValueError as error:
        errors.print(f"card and convention must be JSON objects: {error}", highlight=False, markup=False)
        raise typer.Exit(Exit.USAGE) from error
    with server() as client:
        owner = lookup.project_id(client, project, create=True)
        path = f"/projects/{owner}/verifiers"
        created = announce_anew(client, path, body, same=("name",), given=name is not None)
        waiting.upload(client, errors, f"/verifiers/{created['id']}", file)
        waiting.until_ready_or_exit(client, errors, f"/verifiers/{created['id']}", file.name)
        console.print(created["id"])
