"""`exhume release|dataset|verifier import`: files that the service fetches."""

from typing import Annotated, Any

import typer

from app.cli import lookup, waiting
from app.cli.arguments import ClassesAreOption, ConfirmOrderOption, DescriptionOption, ProjectOption, RoleOption
from app.cli.connection import server
from app.cli.descriptions import check_described_alike, read_description
from app.cli.registry import announce, print_examination, print_notes
from app.cli.terminal import out
from app.cli.verifiers import CardOption, ConventionOption, described
from exhume import Client

AddressArgument = Annotated[
    str,
    typer.Argument(
        help="Address of the file: https://host/…, s3://bucket/key, hf://owner/name@commit/file, "
        "models:/name/version/file or runs:/id/file."
    ),
]
DigestOption = Annotated[
    str | None, typer.Option(help="SHA-256 of the file, in hex. The service rejects any other file.")
]


def import_release(
    address: AddressArgument,
    target: Annotated[str, typer.Option(help="Name of the target; created if it does not exist.")],
    description: DescriptionOption,
    version: Annotated[str, typer.Option(help="Version of the release.")],
    sha256: DigestOption = None,
    project: ProjectOption = None,
    classes_are: ClassesAreOption = None,
    confirm_class_order: ConfirmOrderOption = False,
) -> None:
    """Have the service fetch a checkpoint and wait until it is checked.

    Run the same command again to keep waiting.
    """
    body = read_description(description, classes_are, confirm_order=confirm_class_order)
    body |= {"version": version, "sha256": sha256.lower() if sha256 else None}
    with server() as client:
        owner = lookup.project_id(client, project, create=True)
        line = lookup.target_id(client, owner, target, create=True)
        created = announce(client, f"/targets/{line}/releases", body, same=("version", "sha256"))
        check_described_alike(client, created, body)
        ready = _import_and_wait(client, f"/releases/{created['id']}", address, sha256)
    print_examination(ready)
    out.say(created["id"])


def import_dataset(
    address: AddressArgument,
    name: Annotated[str, typer.Option(help="Name of the data set.")],
    role: RoleOption,
    sha256: DigestOption = None,
    project: ProjectOption = None,
) -> None:
    """Have the service fetch images and wait until they are checked.

    Run the same command again to keep waiting.
    """
    with server() as client:
        owner = lookup.project_id(client, project, create=True)
        body = {"name": name, "role": role}
        created = announce(client, f"/projects/{owner}/datasets", body, same=("name", "role"))
        ready = _import_and_wait(client, f"/datasets/{created['id']}", address, sha256)
    print_notes(ready)
    out.say(created["id"])


def import_verifier(
    address: AddressArgument,
    name: Annotated[str, typer.Option(help="Name of the verifier.")],
    card: CardOption = None,
    convention: ConventionOption = None,
    sha256: DigestOption = None,
    project: ProjectOption = None,
) -> None:
    """Have the service fetch a verifier, an ONNX model, and wait until it is checked.

    Run the same command again to keep waiting.
    """
    body = described(name, card, convention)
    with server() as client:
        owner = lookup.project_id(client, project, create=True)
        created = announce(client, f"/projects/{owner}/verifiers", body, same=("name",))
        _import_and_wait(client, f"/verifiers/{created['id']}", address, sha256)
    out.say(created["id"])


def _import_and_wait(client: Client, path: str, address: str, sha256: str | None) -> dict[str, Any]:
    waiting.fetch_or_exit(client, path, address, sha256)
    return waiting.until_ready_or_exit(client, path, address.rpartition("/")[2])
