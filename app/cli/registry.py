"""`exhume project | target | release | dataset | key`: what an audit is made of."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from app.cli import lookup, render, waiting
from app.cli.connection import errors, server
from app.cli.exit_codes import Exit
from app.client import ApiError, Client
from app.client.http import sha256_of

console = render.console()
project_app = typer.Typer(help="Projects: teams that share nothing.", no_args_is_help=True)
target_app = typer.Typer(help="Targets: lines of models.", no_args_is_help=True)
release_app = typer.Typer(help="Releases: checkpoints of a target.", no_args_is_help=True)
dataset_app = typer.Typer(help="Datasets: public and private image sets.", no_args_is_help=True)
key_app = typer.Typer(help="API keys.", no_args_is_help=True)

ProjectOption = Annotated[str | None, typer.Option("--project", "-p", envvar="EXHUME_PROJECT", help="Name or id.")]


def show_rows(rows: list[dict[str, Any]], columns: tuple[str, ...]) -> None:
    """A table of these columns; what is missing stays empty."""
    table = Table(show_edge=False, pad_edge=False)
    for column in columns:
        table.add_column(column, no_wrap=column == "id", overflow="fold")
    for row in rows:
        table.add_row(*("" if row.get(column) is None else str(row[column]) for column in columns))
    console.print(table if rows else "nothing here yet")


@project_app.command("create")
def create_project(name: str) -> None:
    """Make a project."""
    with server() as client:
        console.print(client.post("/projects", {"name": name})["id"])


@project_app.command("list")
def list_projects() -> None:
    """List the projects that the key may read."""
    with server() as client:
        show_rows(list(client.items("/projects")), ("id", "name"))


@target_app.command("create")
def create_target(name: str, project: ProjectOption = None, description: str = "") -> None:
    """Make a target."""
    with server() as client:
        path = f"/projects/{lookup.project_id(client, project)}/targets"
        console.print(client.post(path, {"name": name, "description": description})["id"])


@target_app.command("list")
def list_targets(project: ProjectOption = None) -> None:
    """List targets."""
    with server() as client:
        path = f"/projects/{lookup.project_id(client, project)}/targets"
        show_rows(list(client.items(path)), ("id", "name", "description"))


@release_app.command("list")
def list_releases(project: ProjectOption = None) -> None:
    """List releases and the state of their intake."""
    with server() as client:
        path = f"/projects/{lookup.project_id(client, project)}/releases"
        show_rows(list(client.items(path)), ("id", "target_name", "version", "architecture", "state"))


@release_app.command("upload")
def upload_release(
    checkpoint: Annotated[
        Path, typer.Argument(help="A .safetensors file, or a PyTorch state_dict.", exists=True, dir_okay=False)
    ],
    target: Annotated[str, typer.Option(help="Target name; made if it does not exist.")],
    description: Annotated[
        Path, typer.Option(help="JSON: architecture, hyperparameters, convention, classes.", exists=True)
    ],
    version: Annotated[str | None, typer.Option(help="Label; default: the start of the SHA-256.")] = None,
    project: ProjectOption = None,
) -> None:
    """Upload a checkpoint and wait until it is checked. Broken off, the same command goes on."""
    wanted = ("architecture", "hyperparameters", "convention", "classes")
    try:
        document = json.loads(description.read_text())
        body = {name: document[name] for name in wanted}
    except (ValueError, KeyError, TypeError) as error:
        errors.print(f"{description} must be a JSON object with {', '.join(wanted)}: {error}", highlight=False)
        raise typer.Exit(Exit.USAGE) from error
    digest = sha256_of(checkpoint)
    body |= {"version": version or digest[:12], "sha256": digest, "size_bytes": checkpoint.stat().st_size}
    with server() as client:
        owner = lookup.project_id(client, project, create=True)
        line = lookup.target_id(client, owner, target, create=True)
        created = _announce(client, f"/targets/{line}/releases", body, same=("version", "sha256"))
        _send_and_wait(client, f"/releases/{created['id']}", checkpoint, digest)
        console.print(created["id"])


@dataset_app.command("list")
def list_datasets(project: ProjectOption = None) -> None:
    """List datasets and the state of their intake."""
    with server() as client:
        path = f"/projects/{lookup.project_id(client, project)}/datasets"
        show_rows(list(client.items(path)), ("id", "name", "role", "state", "images", "identity_count"))


@dataset_app.command("upload")
def upload_dataset(
    file: Annotated[
        Path, typer.Argument(help="A zip with a folder per identity, or an .npz.", exists=True, dir_okay=False)
    ],
    role: Annotated[
        str, typer.Option(help="public: what an attacker has; private: the training images; gallery: other people.")
    ],
    name: Annotated[str | None, typer.Option(help="Default: the file's name.")] = None,
    project: ProjectOption = None,
) -> None:
    """Upload an image set and wait until it is checked. Broken off, the same command goes on."""
    with server() as client:
        owner = lookup.project_id(client, project, create=True)
        body = {"name": name or file.stem, "role": role}
        created = _announce(client, f"/projects/{owner}/datasets", body, same=("name", "role"))
        _send_and_wait(client, f"/datasets/{created['id']}", file, sha256_of(file))
        console.print(created["id"])


@key_app.command("create")
def create_key(
    name: str,
    scope: Annotated[list[str], typer.Option(help="Repeat for several, such as audits:write.")],
    project: ProjectOption = None,
    expires_days: Annotated[int, typer.Option(min=1, max=3650)] = 90,
) -> None:
    """Make an API key; it is shown once."""
    with server() as client:
        path = f"/projects/{lookup.project_id(client, project)}/keys"
        made = client.post(path, {"name": name, "scopes": scope, "expires_in_days": expires_days})
        console.print(made["key"], highlight=False)


def _announce(client: Client, path: str, body: dict[str, Any], same: tuple[str, ...]) -> dict[str, Any]:
    """Make a release or dataset, or find the one of an earlier run whose file never arrived."""
    try:
        return dict(client.post(path, body))
    except ApiError as error:
        for known in client.items(path) if error.code in {"version_taken", "name_taken"} else ():
            if known["state"] == "awaiting_upload" and all(known[name] == body[name] for name in same):
                return known
        raise


def _send_and_wait(client: Client, path: str, file: Path, digest: str) -> None:
    waiting.upload(client, errors, path, file, digest)
    waiting.until_ready_or_exit(client, errors, path, file)
