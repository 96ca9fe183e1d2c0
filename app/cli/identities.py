"""`exhume identity`: what is held about one identity, its export, and its erasure."""

from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli import lookup
from app.cli.arguments import ProjectOption
from app.cli.connection import server
from app.cli.deletions import PreviewOption, YesOption, blocks
from app.cli.saving import save
from app.cli.terminal import err, out
from app.contract.exit_codes import Exit
from app.contract.nouns import AUDIT, Noun

identity_app = typer.Typer()

IMAGE = Noun("image", "images")
PICTURE = Noun("picture", "pictures")
FILE = Noun("file", "files")


def _names(values: list[str]) -> list[str]:
    for value in values:
        if not all(value.partition(":")):
            raise typer.BadParameter(
                f"{value!r} is not DATASET:NAME. `exhume dataset list` lists the data sets, `exhume dataset show` the "
                "names in one."
            )
    return values


NamesArgument = Annotated[
    list[str],
    typer.Argument(
        metavar="DATASET:NAME...",
        help="Name or id of a private data set, and the name of the identity in it, such as staff-photos:ada. Give "
        "several for a person who is in several data sets.",
        callback=_names,
    ),
]


@identity_app.command("export")
def export_identity(
    names: NamesArgument,
    output: Annotated[Path, typer.Option("--output", "-o", help="ZIP archive to write.", dir_okay=False)],
    purpose: Annotated[str, typer.Option(help="What it is needed for. The audit log keeps it.")],
    project: ProjectOption = None,
) -> None:
    """Write everything that is held about an identity into an archive that only you can read."""
    with server() as client:
        path, body = _request(client, project, names)
        archive = client.send("POST", f"{path}/export", json=body | {"purpose": purpose}).content
    save(output, archive, private=True)
    err.say(f"Wrote {output} ({len(archive):,} bytes).")


@identity_app.command("erase")
def erase_identity(
    names: NamesArgument,
    reason: Annotated[
        str | None, typer.Option(help="Why it is erased. The receipt keeps it, so do not write the name into it.")
    ] = None,
    yes: YesOption = False,
    preview: PreviewOption = False,
    project: ProjectOption = None,
) -> None:
    """Erase an identity: its images, its reconstructions, and its name. Scores stay."""
    if reason is None and not preview:
        err.say("State with --reason why it is erased.")
        raise typer.Exit(Exit.USAGE)
    with server() as client:
        path, body = _request(client, project, names)
        found = client.post(f"{path}/preview", body)
        err.say(*_lines(found))
        if preview:
            raise typer.Exit(Exit.PASS if found["possible"] else Exit.GATE_FAILED)
        if not yes:
            typer.confirm("Erase this for good?", abort=True, err=True)
        receipt = client.post(f"{path}/erase", body | {"reason": reason, "confirm": found["confirmation"]})
    out.say(receipt["id"])


def _request(client: Any, project: str | None, names: list[str]) -> tuple[str, dict[str, Any]]:
    """Return the address below which the routes are, and the body that names the identity."""
    typed = [name.partition(":")[::2] for name in names]
    pairs = [(lookup.dataset_id(client, project, dataset), name) for dataset, name in typed]
    owner = client.get(f"/datasets/{pairs[0][0]}")["project_id"]
    return f"/projects/{owner}/identities", {
        "names": [{"dataset_id": dataset, "name": name} for dataset, name in pairs]
    }


def _lines(preview: dict[str, Any]) -> list[str]:
    lines = [
        f"  deletes {IMAGE.counted(one['images'])} of data set {one['name']} ({one['dataset_id']})"
        for one in preview["sets"]
    ]
    if preview["pictures"]:
        lines.append(f"  deletes {PICTURE.counted(preview['pictures'])} of {AUDIT.counted(len(preview['audits']))}")
    if preview["artifacts"]:
        lines.append(f"  deletes {FILE.counted(preview['artifacts'])} made by stages. Later audits make them again")
    lines += [
        f"  renames class {one['index']} of release {one['version']} ({one['release_id']})"
        for one in preview["classes"]
    ]
    lines += [f"  puts a pseudonym in place of the name in {one}" for one in preview["rewrites"]]
    lines += [f"  does not touch data set {one}, which has the name too" for one in preview["also_named_in"]]
    lines += blocks(preview)
    return lines + [
        f"  not possible: nobody else is in data set {one}. Delete the data set" for one in preview["left_empty"]
    ]
