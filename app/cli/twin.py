"""`exhume twin`: the strictest control, for owners who can train again without some of the people."""

import csv
import json
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli import lookup, render, waiting
from app.cli.connection import errors, server
from app.cli.exit_codes import Exit
from app.cli.twin_plan import TwinPlanError, replacements, training_list
from app.client.http import sha256_of

FORMAT = "exhume-twin/1"
COPIED = ("architecture", "hyperparameters", "convention", "classes")
console = render.console()
twin_app = typer.Typer(help="Twins: the same recipe, trained without some people.", no_args_is_help=True)


@twin_app.command("plan")
def plan(
    audit: Annotated[str, typer.Argument(help="An audit of the release; its identities are drawn from.")],
    out: Annotated[Path, typer.Option(help="Where the plan is written, as JSON.")] = Path("twin.json"),
    count: Annotated[int, typer.Option(help="How many identities are replaced.", min=1)] = 10,
    seed: int = 0,
    stand_ins: Annotated[
        str | None, typer.Option(help="Labelled dataset of other people; default: the audit's public one.")
    ] = None,
    training: Annotated[
        Path | None, typer.Option(help="Your training images, a folder per class: writes the relabelled list.")
    ] = None,
    stand_in_images: Annotated[
        Path | None, typer.Option(help="Images of the stand-ins, a folder per person; with --training.")
    ] = None,
) -> None:
    """Write which identities give way to which stand-ins, and the training list of the twin."""
    if (training is None) != (stand_in_images is None):
        errors.print("--training and --stand-in-images belong together", highlight=False)
        raise typer.Exit(Exit.USAGE)
    with server() as client:
        of = client.get(f"/audits/{audit}")
        release = client.get(f"/releases/{of['release']['id']}")
        named = lookup.dataset(client, of["project_id"], stand_ins or of["public_dataset"]["id"])
        people = client.get(f"/datasets/{named['id']}")["identities"] or []
    identities = [release["classes"][index] for index in of["plan"]["identities"]]
    outsiders = sorted(set(people) - set(release["classes"]))
    try:
        replaced = replacements(identities, outsiders, count, seed)
        rows = list(training_list(training, stand_in_images, replaced)) if training and stand_in_images else []
    except TwinPlanError as error:
        errors.print(str(error), highlight=False, markup=False)
        raise typer.Exit(Exit.USAGE) from error
    document = {"format": FORMAT, "audit": of["id"], "release": release["id"], "seed": seed, "replaced": replaced}
    out.write_text(json.dumps(document, indent=2) + "\n")
    console.print(f"{out}: {len(replaced)} identities give way to stand-ins", highlight=False)
    if rows:
        listed = out.with_suffix(".csv")
        with listed.open("w", newline="") as file:
            csv.writer(file).writerows([("label", "file", "shows"), *rows])
        console.print(f"{listed}: {len(rows)} training images", highlight=False)
    console.print("Train the same recipe on these images, then: exhume twin upload CHECKPOINT --plan " + str(out))


@twin_app.command("upload")
def upload(
    checkpoint: Annotated[Path, typer.Argument(help="The twin's weights.", exists=True, dir_okay=False)],
    plan: Annotated[Path, typer.Option(help="What `exhume twin plan` wrote.", exists=True, dir_okay=False)],
    version: Annotated[str | None, typer.Option(help="Default: the release's version and -twin-<digest>.")] = None,
) -> None:
    """Upload the twin as a release beside its original; the next audit of the original attacks it too."""
    try:
        document: dict[str, Any] = json.loads(plan.read_text())
        if document["format"] != FORMAT:
            raise ValueError(f"its format is {document['format']!r}, not {FORMAT!r}")
        original, replaced = document["release"], document["replaced"]
    except (ValueError, KeyError, TypeError) as error:
        errors.print(f"{plan} is no twin plan: {error}", highlight=False, markup=False)
        raise typer.Exit(Exit.USAGE) from error
    digest = sha256_of(checkpoint)
    with server() as client:
        release = client.get(f"/releases/{original}")
        body = {name: release[name] for name in COPIED} | {"twin_of": original, "replaced": replaced}
        body |= {"version": version or f"{release['version'][:80]}-twin-{digest[:8]}", "sha256": digest}
        made = client.post(f"/targets/{release['target_id']}/releases", body)
        waiting.upload(client, errors, f"/releases/{made['id']}", checkpoint, digest)
        waiting.until_ready_or_exit(client, errors, f"/releases/{made['id']}", checkpoint.name)
        console.print(made["id"])
