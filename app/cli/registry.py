"""`exhume project | target | release | dataset | key`: what an audit is made of."""

import json
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from app.cli import before_sending, checkpoints, lookup, render, waiting
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
        rows = [row | {"reason": (row["problem"] or {}).get("code")} for row in client.items(path)]
        show_rows(rows, ("id", "target_name", "version", "architecture", "state", "reason"))


@release_app.command("show")
def show_release(release: Annotated[str, typer.Argument(help="Id of the release.")]) -> None:
    """Show where a release stands: what the examination found, or why it was refused."""
    with server() as client:
        row = client.get(f"/releases/{release}")
    console.print_json(data=row)


@release_app.command("propose")
def propose_architecture(
    checkpoint: Annotated[
        Path,
        typer.Argument(
            help="A .safetensors file or the index of its shards, or a PyTorch state_dict.", exists=True, dir_okay=False
        ),
    ],
) -> None:
    """Say which architectures the tensors of a checkpoint belong to. Of safetensors only names and shapes are sent, of
    other files what describes them."""
    with server() as client:
        if checkpoint.name.endswith((".safetensors", checkpoints.INDEX_SUFFIX)):
            try:
                tensors = checkpoints.shapes(checkpoint)
            except (OSError, ValueError, KeyError, TypeError) as error:
                errors.print(f"The header of {checkpoint} can't be read: {error}", highlight=False, markup=False)
                raise typer.Exit(Exit.USAGE) from error
            found = client.post("/architectures/propose", {"tensors": tensors})["items"]
        else:
            found = before_sending.look_or_exit(client, errors, checkpoint, {})["proposals"]
    show_rows(found, ("architecture", "exact", "num_classes", "channels", "hyperparameters"))


@release_app.command("upload")
def upload_release(
    checkpoint: Annotated[
        Path,
        typer.Argument(
            help="A .safetensors file or the index of its shards, a PyTorch state_dict, or an ONNX model.",
            exists=True,
            dir_okay=False,
        ),
    ],
    target: Annotated[str, typer.Option(help="Target name; made if it does not exist.")],
    description: Annotated[
        Path,
        typer.Option(
            help="JSON: convention, classes and, unless they shall be detected, architecture and hyperparameters.",
            exists=True,
        ),
    ],
    version: Annotated[str | None, typer.Option(help="Label; default: the start of the SHA-256.")] = None,
    project: ProjectOption = None,
    preflight: Annotated[
        bool, typer.Option("--preflight/--no-preflight", help="Ask by the file's header whether it would be taken.")
    ] = True,
) -> None:
    """Upload a checkpoint and wait until it is checked. Broken off, the same command goes on.

    A file that the project holds already is not sent again.
    """
    body = read_description(description)
    with ExitStack() as stack:
        try:
            file = stack.enter_context(checkpoints.one_file(checkpoint))
        except (OSError, ValueError) as error:
            errors.print(f"{checkpoint} can't be packed: {error}", highlight=False, markup=False)
            raise typer.Exit(Exit.USAGE) from error
        client = stack.enter_context(server())
        if preflight:
            before_sending.look_or_exit(client, errors, file, body)
        digest = sha256_of(file)
        body |= {"version": version or digest[:12], "sha256": digest, "size_bytes": file.stat().st_size}
        owner = lookup.project_id(client, project, create=True)
        line = lookup.target_id(client, owner, target, create=True)
        same = ("version", "sha256")
        created = announce_anew(client, f"/targets/{line}/releases", body, same, given=version is not None)
        path = f"/releases/{created['id']}"
        if before_sending.is_held(client, path, digest):
            errors.print("The project holds this file already: it is not sent again.", highlight=False)
            ready = waiting.until_ready_or_exit(client, errors, path, file.name)
        else:
            ready = _send_and_wait(client, path, file, digest)
    for note in [*(ready["examination"] or {}).get("notes", []), *original_lines(ready)]:
        errors.print(note, highlight=False, markup=False)
    console.print(created["id"])


def original_lines(release: dict[str, Any]) -> list[str]:
    """What became of the file of a release, where there is something to tell: it was converted."""
    if release["original"] == "kept":
        return [f"The original is kept in quarantine until {release['original_until'][:10]}, beside its checked copy."]
    if release["original"] == "deleted":
        return [f"The original was deleted after its conversion; its SHA-256 stays: {release['sha256']}."]
    return []


def read_description(path: Path) -> dict[str, Any]:
    """What is said about a checkpoint: convention and classes, and what need not be detected."""
    try:
        document = json.loads(path.read_text())
    except ValueError as error:
        errors.print(f"{path} is no JSON: {error}", highlight=False, markup=False)
        raise typer.Exit(Exit.USAGE) from error
    match document:
        case {"convention": dict(convention), "classes": list(classes)}:
            told = {name: document[name] for name in ("architecture", "hyperparameters") if name in document}
            return {"convention": convention, "classes": classes, **told}
    wanted = 'must be a JSON object with "convention", an object, and "classes", a list of names'
    errors.print(f"{path} {wanted}.", highlight=False, markup=False)
    raise typer.Exit(Exit.USAGE)


@dataset_app.command("list")
def list_datasets(project: ProjectOption = None) -> None:
    """List datasets, the state of their intake, and what was noted about each."""
    with server() as client:
        path = f"/projects/{lookup.project_id(client, project)}/datasets"
        rows = list(client.items(path))
    show_rows(rows, ("id", "name", "role", "state", "images", "identity_count"))
    for row in rows:
        for note in row.get("notes") or []:
            errors.print(f"{row['name']}: {note}", highlight=False, markup=False)


@dataset_app.command("show")
def show_dataset(dataset: Annotated[str, typer.Argument(help="Id of the dataset.")]) -> None:
    """Show where a dataset stands: its digests, notes and identities, or why it was refused."""
    with server() as client:
        row = client.get(f"/datasets/{dataset}")
    console.print_json(data=row)


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
        created = announce_anew(client, f"/projects/{owner}/datasets", body, ("name", "role"), given=name is not None)
        ready = _send_and_wait(client, f"/datasets/{created['id']}", file, sha256_of(file))
    print_notes(ready)
    console.print(created["id"])


def print_notes(dataset: dict[str, Any]) -> None:
    """What was changed or left out when an image set came in."""
    for note in dataset.get("notes") or []:
        errors.print(note, highlight=False, markup=False)


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


def announce(client: Client, path: str, body: dict[str, Any], same: tuple[str, ...]) -> dict[str, Any]:
    """Make a release or dataset, or find the one of an earlier run whose file never arrived."""
    try:
        return dict(client.post(path, body))
    except ApiError as error:
        for known in client.items(path) if error.code in {"version_taken", "name_taken"} else ():
            if known["state"] == "awaiting_upload" and all(known[name] == body[name] for name in same):
                return known
        raise


def announce_anew(
    client: Client, path: str, body: dict[str, Any], same: tuple[str, ...], *, given: bool
) -> dict[str, Any]:
    """`announce` with the first of `same`, a version or name; one that the user did not give is numbered where its
    file was refused before."""
    label = same[0]
    start, tried = body[label], 1
    while True:
        try:
            made = announce(client, path, body, same)
            if tried > 1:
                errors.print(
                    f"{start!r} was refused before; this one is {body[label]!r}.", highlight=False, markup=False
                )
            return made
        except ApiError as error:
            if error.code not in {"version_taken", "name_taken"}:
                raise
            known = next(row for row in client.items(path) if row[label] == body[label])
            if given or known["state"] != "refused":
                errors.print(f"{error.detail} It is {known['state']}: {known['id']}.", highlight=False, markup=False)
                errors.print(f"Another {label} is given with --{label}.", highlight=False, markup=False)
                raise typer.Exit(Exit.USAGE) from error
        tried += 1
        body = body | {label: f"{start}-{tried}"}


def _send_and_wait(client: Client, path: str, file: Path, digest: str) -> dict[str, Any]:
    waiting.upload(client, errors, path, file, digest)
    return waiting.until_ready_or_exit(client, errors, path, file.name)
