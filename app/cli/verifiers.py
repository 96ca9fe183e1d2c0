"""`exhume verifier`: the embedders that compare reconstructions with people."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli import lookup, waiting
from app.cli.arguments import ProjectOption, SearchOption, SortOption, not_empty
from app.cli.connection import server
from app.cli.registry import announce_anew
from app.cli.terminal import err, out
from app.contract.exit_codes import Exit

verifier_app = typer.Typer()


CardOption = Annotated[
    Path | None, typer.Option(help="JSON file that describes the verifier.", exists=True, dir_okay=False)
]
ConventionOption = Annotated[
    str | None,
    typer.Option(
        help='How the verifier expects its images, as JSON: {"mean": [0.5], "std": [0.5], "channel_order": "BGR"}.'
    ),
]


@verifier_app.command("list")
def list_verifiers(project: ProjectOption = None, search: SearchOption = None, sort: SortOption = None) -> None:
    """List the uploaded verifiers and the bundled ones."""
    with server() as client:
        path = f"/projects/{lookup.project_id(client, project)}/verifiers"
        rows = [_row(one) for one in client.items(path, q=search, sort=sort)]
        rows += [{"id": one["name"], "state": "bundled"} | _row(one) for one in client.items("/bundled-verifiers")]
        out.rows(rows, ("id", "name", "state", "takes", "embedding", "sha256"))


def _row(one: dict[str, Any]) -> dict[str, Any]:
    takes = f"{one['channels']}x{one['height']}x{one['width']}" if one.get("height") else None
    digest = str(one.get("digest") or one.get("sha256") or "").removeprefix("sha256:")
    row = {name: one[name] for name in ("id", "name", "state") if name in one}
    return row | {"takes": takes, "embedding": one.get("dim"), "sha256": digest[:16]}


@verifier_app.command("show")
def show_verifier(
    verifier: Annotated[str, typer.Argument(help="Name or id of the verifier.")], project: ProjectOption = None
) -> None:
    """Print a verifier as JSON: its card and the results of the checks."""
    with server() as client:
        if lookup.is_id("ver", verifier):  # which needs no project
            out.json(client.get(f"/verifiers/{verifier}"))
            return
        found = lookup.verifier(client, lookup.project_id(client, project), verifier)
        out.json(client.get(f"/verifiers/{found['id']}") if "id" in found else found)


@verifier_app.command("upload")
def upload_verifier(
    file: Annotated[
        Path,
        typer.Argument(
            help="ONNX model that turns images into embeddings.", exists=True, dir_okay=False, callback=not_empty
        ),
    ],
    name: Annotated[str | None, typer.Option(help="Name of the verifier. Default: the file's name.")] = None,
    card: Annotated[
        Path | None,
        typer.Option(
            help="JSON file that describes the verifier. Default: the .json file beside it, if there is one.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    convention: ConventionOption = None,
    project: ProjectOption = None,
) -> None:
    """Upload a verifier and wait until it is checked.

    If the upload breaks off, run the same command again to resume.
    """
    beside = card or (file.with_suffix(".json") if file.with_suffix(".json").exists() else None)
    body = described(name or file.stem, beside, convention)
    with server() as client:
        owner = lookup.project_id(client, project, create=True)
        path = f"/projects/{owner}/verifiers"
        created = announce_anew(client, path, body, same=("name",), given=name is not None)
        waiting.upload(client, f"/verifiers/{created['id']}", file)
        waiting.until_ready_or_exit(client, f"/verifiers/{created['id']}", file.name)
        out.say(created["id"])


def described(name: str, card: Path | None, convention: str | None) -> dict[str, Any]:
    """Return the request that creates a verifier. Exits if the card or convention is not JSON."""
    try:
        body: dict[str, Any] = {"name": name, "card": json.loads(card.read_text()) if card else None}
        return body | ({"convention": json.loads(convention)} if convention is not None else {})
    except ValueError as error:
        err.say(f"The card and --convention must be JSON objects: {error}")
        raise typer.Exit(Exit.USAGE) from error
