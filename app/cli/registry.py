"""`exhume project | target | release | dataset`."""

from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from app.cli import lookup, made, waiting
from app.cli.arguments import (
    ClassesAreOption,
    ConfirmOrderOption,
    DatasetArgument,
    JsonOption,
    OptionalDescriptionOption,
    ProjectOption,
    ReleaseArgument,
    Role,
    RoleOption,
    SearchOption,
    SortOption,
    limit,
    not_empty,
)
from app.cli.connection import server
from app.cli.descriptions import check_described_alike, read_description, with_options
from app.cli.heads import Head, HeadKindOption, HeadOption, HeadScaleOption, file_to_send, with_architecture
from app.cli.known_files import ask_about_known_file
from app.cli.preflight import check_or_exit
from app.cli.recognised import MeanOption, SizeOption, Stated, StdOption, recognised
from app.cli.signatures import SignatureOption, SignerKeyOption, SignerOption, read_signature, signed_line
from app.cli.terminal import err, out
from app.contract.exit_codes import Exit
from app.formats import local_files
from exhume import ApiError, Client, sha256_of

project_app = typer.Typer()
target_app = typer.Typer()
release_app = typer.Typer()
dataset_app = typer.Typer()

NameArgument = Annotated[str, typer.Argument(help="A name.")]


@project_app.command("create")
def create_project(name: NameArgument) -> None:
    """Create a project and print its id."""
    with server() as client:
        out.say(client.post("/projects", {"name": name})["id"])


@project_app.command("list")
def list_projects(search: SearchOption = None, sort: SortOption = None, as_json: JsonOption = False) -> None:
    """List the projects that your key can read."""
    with server() as client:
        out.rows(list(client.items("/projects", q=search, sort=sort)), ("id", "name"), as_json=as_json)


@project_app.command("show")
def show_project(project: ProjectOption = None) -> None:
    """Print a project as JSON."""
    with server() as client:
        out.json(client.get(f"/projects/{lookup.project_id(client, project)}"))


@project_app.command("replace-key")
def replace_key(project: ProjectOption = None) -> None:
    """Replace the key that encrypts the keys of a project's stored files. Operator only."""
    with server() as client:
        done = client.post(f"/projects/{lookup.project_id(client, project)}/encryption-key")
        err.say(f"The project has a new key, and the old one is destroyed. It encrypts {done['keys']:,} keys of files.")


@project_app.command("retention")
def set_retention(
    days: Annotated[
        int | None,
        typer.Argument(help="Days after which pictures are deleted. Default: those of the service.", min=1, max=3650),
    ] = None,
    project: ProjectOption = None,
) -> None:
    """Set after how many days the pictures of a project's audits are deleted."""
    with server() as client:
        client.put(f"/projects/{lookup.project_id(client, project)}/retention", {"days": days})


@project_app.command("limits")
def show_limits(
    project: ProjectOption = None,
    changed: Annotated[
        list[Any] | None,
        typer.Option(
            "--set",
            parser=limit,
            metavar="NAME=NUMBER",
            help="Change a limit, or with NAME= use that of the settings; can be repeated. Operator only.",
        ),
    ] = None,
) -> None:
    """Show the limits of a project and what it uses. With --set, change some of them."""
    with server() as client:
        path = f"/projects/{lookup.project_id(client, project)}/limits"
        found = client.get(path)
        if changed:
            found = client.put(path, found["own"] | dict(changed))
        rows = [
            {"limit": name, "allowed": "no limit" if most is None else most, "used": found["used"].get(name, "")}
            for name, most in found["limits"].items()
        ]
        out.rows(rows, ("limit", "allowed", "used"))


@project_app.command("badges")
def open_badges(
    readers: Annotated[
        Literal["public", "private"], typer.Argument(help="public: everybody. private: those with a key.")
    ],
    project: ProjectOption = None,
) -> None:
    """Let everybody read the badges of a project's targets, or only those with a key."""
    with server() as client:
        client.put(f"/projects/{lookup.project_id(client, project)}/badges", {"public": readers == "public"})


@target_app.command("create")
def create_target(
    name: NameArgument,
    project: ProjectOption = None,
    description: Annotated[str, typer.Option(help="Purpose of the model.")] = "",
) -> None:
    """Create a target and print its id."""
    with server() as client:
        path = f"/projects/{lookup.project_id(client, project)}/targets"
        out.say(client.post(path, {"name": name, "description": description})["id"])


@target_app.command("list")
def list_targets(
    project: ProjectOption = None, search: SearchOption = None, sort: SortOption = None, as_json: JsonOption = False
) -> None:
    """List the targets of a project."""
    with server() as client:
        path = f"/projects/{lookup.project_id(client, project)}/targets"
        out.rows(list(client.items(path, q=search, sort=sort)), ("id", "name", "description"), as_json=as_json)


@target_app.command("show")
def show_target(
    target: Annotated[str, typer.Argument(help="Name or id of the target.")], project: ProjectOption = None
) -> None:
    """Print a target as JSON."""
    with server() as client:
        out.json(client.get(f"/targets/{lookup.target_id(client, lookup.project_id(client, project), target)}"))


@release_app.command("list")
def list_releases(
    project: ProjectOption = None, search: SearchOption = None, sort: SortOption = None, as_json: JsonOption = False
) -> None:
    """List releases, and whether their checkpoints have been checked."""
    with server() as client:
        path = f"/projects/{lookup.project_id(client, project)}/releases"
        rows = [row | {"reason": (row["problem"] or {}).get("code")} for row in client.items(path, q=search, sort=sort)]
        out.rows(rows, ("id", "target_name", "version", "architecture", "state", "reason"), as_json=as_json)


@release_app.command("show")
def show_release(release: ReleaseArgument, project: ProjectOption = None) -> None:
    """Print a release as JSON: what the checks found, or why it was rejected."""
    with server() as client:
        out.json(client.get(f"/releases/{lookup.release_id(client, project, release)}"))


@release_app.command("propose")
def propose_architecture(
    checkpoint: Annotated[
        Path,
        typer.Argument(
            help="A .safetensors file, the index of a sharded one, or a PyTorch state_dict.",
            exists=True,
            dir_okay=False,
            callback=not_empty,
        ),
    ],
) -> None:
    """Find the architectures that fit a checkpoint's tensors.

    Only the names and shapes of the tensors are sent. For files that are not safetensors, the
    parts that describe the tensors are sent.
    """
    with server() as client:
        if checkpoint.name.endswith((".safetensors", local_files.INDEX_SUFFIX)):
            try:
                tensors = local_files.shapes(checkpoint)
            except (OSError, ValueError, KeyError, TypeError) as error:
                err.say(f"Cannot read the header of {checkpoint}: {error}")
                raise typer.Exit(Exit.USAGE) from error
            found = client.post("/architectures/propose", {"tensors": tensors})["items"]
        else:
            found = check_or_exit(client, checkpoint, {})["proposals"]
    out.rows(found, ("architecture", "exact", "num_classes", "channels", "hyperparameters"))


@release_app.command("upload")
def upload_release(
    checkpoint: Annotated[
        Path,
        typer.Argument(
            help="A .safetensors file, the index of a sharded one, a PyTorch state_dict, or an ONNX model.",
            exists=True,
            dir_okay=False,
            callback=not_empty,
        ),
    ],
    target: Annotated[str, typer.Option(help="Name of the target; created if it does not exist.")],
    description: OptionalDescriptionOption = None,
    head: HeadOption = None,
    head_kind: HeadKindOption = None,
    head_scale: HeadScaleOption = None,
    size: SizeOption = None,
    mean: MeanOption = None,
    std: StdOption = None,
    version: Annotated[
        str | None, typer.Option(help="Version of the release. Default: the first digits of the SHA-256.")
    ] = None,
    project: ProjectOption = None,
    classes_are: ClassesAreOption = None,
    confirm_class_order: ConfirmOrderOption = False,
    preflight: Annotated[
        bool,
        typer.Option("--preflight/--no-preflight", help="Check the file's header before the file is sent."),
    ] = True,
    signature: SignatureOption = None,
    signer_key: SignerKeyOption = None,
    signer: SignerOption = None,
) -> None:
    """Upload a checkpoint and wait until it is checked.

    Without --description, the file must name its classes. Its architecture and, where its tensors
    determine them, channels and size are recognised.

    If the upload breaks off, run the same command again to resume. A file that the project already
    has is not sent again. The command names the releases that have it. On a terminal, it asks
    whether to add another one.
    """
    stated = Stated(size, mean, std)
    if description is not None and stated:
        raise typer.BadParameter("--size, --mean and --std are for files without a --description")
    body = (
        read_description(description, classes_are, confirm_order=confirm_class_order) if description is not None else {}
    )
    signed = read_signature(signature, signer_key, signer)
    with ExitStack() as stack:
        sent = stack.enter_context(file_to_send(checkpoint, Head(head, head_kind, head_scale)))
        file, client = sent.file, stack.enter_context(server())
        if description is None:
            body = with_options(recognised(client, file, stated), classes_are, confirm_order=confirm_class_order)
        body = with_architecture(body, sent)
        if preflight:
            check_or_exit(client, file, body)
        digest = sha256_of(file)
        body |= {"version": version or digest[:12], "sha256": digest, "size_bytes": file.stat().st_size}
        owner = lookup.project_id(client, project, create=True)
        ask_about_known_file(client, owner, digest)
        line = lookup.target_id(client, owner, target, create=True)
        same = ("version", "sha256")
        created = announce_anew(client, f"/targets/{line}/releases", body, same, given=version is not None)
        check_described_alike(client, created, body)
        path = f"/releases/{created['id']}"
        if signed is not None:
            err.say(signed_line(client.post(f"{path}/signature", signed)))
        if client.reuse_file(path, digest):
            err.say("The project already has this file, so it is not sent again.")
            ready = waiting.until_ready_or_exit(client, path, file.name)
        else:
            ready = _send_and_wait(client, path, file, digest)
    print_examination(ready)
    err.say(*original_lines(ready), *made.of_release(ready, target))
    out.say(created["id"])


def print_examination(release: dict[str, Any]) -> None:
    """Print the notes of the checks of a ready release."""
    err.say(*release["examination"]["notes"])


def original_lines(release: dict[str, Any]) -> list[str]:
    """Return lines on what happened to the uploaded file of a converted release."""
    if release["original"] == "kept":
        return [f"The original file is kept in quarantine until {release['original_until'][:10]}."]
    if release["original"] == "deleted":
        return [f"The original file was deleted after it was converted. Its SHA-256 is kept: {release['sha256']}."]
    return []


@dataset_app.command("list")
def list_datasets(
    project: ProjectOption = None,
    search: SearchOption = None,
    sort: SortOption = None,
    role: Annotated[Role | None, typer.Option(help="Only data sets with this role.")] = None,
    as_json: JsonOption = False,
) -> None:
    """List data sets, whether their images have been checked, and notes about them."""
    with server() as client:
        path = f"/projects/{lookup.project_id(client, project)}/datasets"
        rows = list(client.items(path, q=search, sort=sort, role=role))
    shown = rows if as_json else map(made.listed, rows)
    out.rows(shown, ("id", "name", "role", "state", "images", "identities"), as_json=as_json)
    err.say(*(f"{row['name']}: {note}" for row in rows for note in row.get("notes") or []))


@dataset_app.command("show")
def show_dataset(dataset: DatasetArgument, project: ProjectOption = None) -> None:
    """Print a data set as JSON: its digests, notes and identities, or why it was rejected."""
    with server() as client:
        out.json(client.get(f"/datasets/{lookup.dataset_id(client, project, dataset)}"))


@dataset_app.command("upload")
def upload_dataset(
    file: Annotated[
        Path,
        typer.Argument(
            help="A zip file with a folder per person, or an .npz file.",
            exists=True,
            dir_okay=False,
            callback=not_empty,
        ),
    ],
    role: RoleOption,
    name: Annotated[str | None, typer.Option(help="Name of the data set. Default: the file's name.")] = None,
    project: ProjectOption = None,
) -> None:
    """Upload images and wait until they are checked.

    If the upload breaks off, run the same command again to resume.
    """
    with server() as client:
        owner = lookup.project_id(client, project, create=True)
        body = {"name": name or file.stem, "role": role}
        created = announce_anew(client, f"/projects/{owner}/datasets", body, ("name", "role"), given=name is not None)
        ready = _send_and_wait(client, f"/datasets/{created['id']}", file, sha256_of(file))
    print_notes(ready)
    err.say(*made.of_dataset(ready))
    out.say(created["id"])


def print_notes(dataset: dict[str, Any]) -> None:
    """Print notes on what was changed or left out of a data set."""
    err.say(*dataset.get("notes") or [])


def announce(client: Client, path: str, body: dict[str, Any], same: tuple[str, ...]) -> dict[str, Any]:
    """Create a release or data set, or find one from an earlier run that still needs its file."""
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
    """Announce like `announce`, with a number added to a rejected version or name.

    The number is added only if the user did not choose the first field of `same` (a version or
    name) and a file with that version or name was rejected earlier.
    """
    label = same[0]
    start, tried = body[label], 1
    while True:
        try:
            announced = announce(client, path, body, same)
            if tried > 1:
                err.say(f"A file named {start!r} was rejected earlier. This one is named {body[label]!r}.")
            return announced
        except ApiError as error:
            if error.code not in {"version_taken", "name_taken"}:
                raise
            known = next(row for row in client.items(path) if row[label] == body[label])
            if given or known["state"] != "refused":
                err.say(f"{error.detail} It is {known['state']}: {known['id']}.", f"The option is --{label}.")
                raise typer.Exit(Exit.USAGE) from error
        tried += 1
        body = body | {label: f"{start}-{tried}"}


def _send_and_wait(client: Client, path: str, file: Path, digest: str) -> dict[str, Any]:
    waiting.upload(client, path, file, digest)
    return waiting.until_ready_or_exit(client, path, file.name)
