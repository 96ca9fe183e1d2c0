"""`exhume release import`, `exhume dataset import`: the service fetches the file; this waits for it."""

from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli import lookup, render, waiting
from app.cli.connection import errors, server
from app.cli.registry import ProjectOption, announce, print_notes, read_description
from app.client import Client

console = render.console()

AddressArgument = Annotated[
    str,
    typer.Argument(
        help="https://host/…, s3://bucket/key, hf://owner/name@commit/file, models:/name/version/file, runs:/id/file."
    ),
]
DigestOption = Annotated[str | None, typer.Option(help="SHA-256 of the file in hex; another file is refused.")]


def import_release(
    address: AddressArgument,
    target: Annotated[str, typer.Option(help="Target name; made if it does not exist.")],
    description: Annotated[
        Path,
        typer.Option(
            help="JSON: convention, classes and, unless they shall be detected, architecture and hyperparameters.",
            exists=True,
        ),
    ],
    version: Annotated[str, typer.Option(help="Label of the release.")],
    sha256: DigestOption = None,
    project: ProjectOption = None,
) -> None:
    """Have a safetensors file fetched from an address and wait until it is checked. Given again, it waits again."""
    body = read_description(description) | {"version": version, "sha256": sha256.lower() if sha256 else None}
    with server() as client:
        owner = lookup.project_id(client, project, create=True)
        line = lookup.target_id(client, owner, target, create=True)
        created = announce(client, f"/targets/{line}/releases", body, same=("version", "sha256"))
        ready = _import_and_wait(client, f"/releases/{created['id']}", address, sha256)
    for note in (ready["examination"] or {}).get("notes", []):
        errors.print(note, highlight=False, markup=False)
    console.print(created["id"])


def import_dataset(
    address: AddressArgument,
    name: Annotated[str, typer.Option(help="Name of the dataset.")],
    role: Annotated[
        str, typer.Option(help="public: what an attacker has; private: the training images; gallery: other people.")
    ],
    sha256: DigestOption = None,
    project: ProjectOption = None,
) -> None:
    """Have an image set fetched from an address and wait until it is checked. Given again, it waits again."""
    with server() as client:
        owner = lookup.project_id(client, project, create=True)
        body = {"name": name, "role": role}
        created = announce(client, f"/projects/{owner}/datasets", body, same=("name", "role"))
        ready = _import_and_wait(client, f"/datasets/{created['id']}", address, sha256)
    print_notes(ready)
    console.print(created["id"])


def _import_and_wait(client: Client, path: str, address: str, sha256: str | None) -> dict[str, Any]:
    begun = _running(client, path, address) or client.post(f"{path}/imports", {"address": address, "sha256": sha256})
    waiting.until_fetched_or_exit(client, errors, begun)
    return waiting.until_ready_or_exit(client, errors, path, address.rpartition("/")[2])


def _running(client: Client, path: str, address: str) -> dict[str, Any] | None:
    """The import of an earlier run that is still under way."""
    kind = f"{path.split('/')[1].removesuffix('s')}_id"
    project = client.get(path)["project_id"]
    for found in client.items(f"/projects/{project}/uploads", state="receiving"):
        if (found[kind], found["address"]) == (path.rpartition("/")[2], address):
            return found
    return None
