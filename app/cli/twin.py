"""`exhume twin`: the strictest control, for owners who can retrain without some of the people."""

import csv
import json
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli import lookup, waiting
from app.cli.arguments import AuditArgument
from app.cli.connection import server
from app.cli.terminal import err, out
from app.cli.twin_plan import TwinPlanError, replacements, training_list
from app.contract.exit_codes import Exit
from app.formats.names import shared
from exhume import sha256_of

FORMAT = "exhume-twin/1"
COPIED = ("architecture", "hyperparameters", "convention", "classes")
twin_app = typer.Typer()


@twin_app.command("plan")
def plan(
    audit: AuditArgument,
    file: Annotated[Path, typer.Option("--out", help="File to write the plan to, as JSON.")] = Path("twin.json"),
    count: Annotated[int, typer.Option(help="Number of classes of the audit to replace.", min=1)] = 10,
    seed: Annotated[int, typer.Option(help="Seed of the choice.", min=0)] = 0,
    stand_ins: Annotated[
        str | None, typer.Option(help="Labelled data set of other people. Default: the audit's public data set.")
    ] = None,
    training: Annotated[
        Path | None,
        typer.Option(
            help="Your training images, one folder per class. Also writes the twin's training list.",
            exists=True,
            file_okay=False,
        ),
    ] = None,
    stand_in_images: Annotated[
        Path | None,
        typer.Option(
            help="Images of the stand-ins, one folder per person; needs --training.", exists=True, file_okay=False
        ),
    ] = None,
) -> None:
    """Choose the classes that the twin is trained without, and a stand-in for each."""
    if (training is None) != (stand_in_images is None):
        err.say("--training and --stand-in-images belong together: give both or neither.")
        raise typer.Exit(Exit.USAGE)
    with server() as client:
        of = client.get(f"/audits/{audit}")
        release = client.get(f"/releases/{of['release']['id']}")
        named = lookup.dataset(client, of["project_id"], stand_ins or of["public_dataset"]["id"])
        people = client.get(f"/datasets/{named['id']}")["identities"] or []
    identities = [release["classes"][index] for index in of["plan"]["identities"]]
    outsiders = sorted(set(people) - set(shared(people, release["classes"])))
    try:
        replaced = replacements(identities, outsiders, count, seed)
        rows = list(training_list(training, stand_in_images, replaced)) if training and stand_in_images else []
    except TwinPlanError as error:
        err.say(str(error))
        raise typer.Exit(Exit.USAGE) from error
    document = {"format": FORMAT, "audit": of["id"], "release": release["id"], "seed": seed, "replaced": replaced}
    file.write_text(json.dumps(document, indent=2) + "\n")
    out.say(f"{file}: {len(replaced)} classes and their stand-ins")
    if rows:
        listed = file.with_suffix(".csv")
        with listed.open("w", newline="") as table:
            csv.writer(table).writerows([("label", "file", "shows"), *rows])
        out.say(f"{listed}: {len(rows)} training images")
    out.say(f"Train the same recipe on these images, then run `exhume twin upload CHECKPOINT --plan {file}`.")


@twin_app.command("upload")
def upload(
    checkpoint: Annotated[Path, typer.Argument(help="Checkpoint of the twin.", exists=True, dir_okay=False)],
    plan: Annotated[Path, typer.Option(help="File that `exhume twin plan` wrote.", exists=True, dir_okay=False)],
    version: Annotated[
        str | None, typer.Option(help="Version of the twin. Default: the release's version and -twin-<digest>.")
    ] = None,
) -> None:
    """Upload a twin as a release beside its original.

    The next audit of the original attacks it too.
    """
    try:
        document: dict[str, Any] = json.loads(plan.read_text())
        if document["format"] != FORMAT:
            raise ValueError(f"its format is {document['format']!r}, not {FORMAT!r}")
        original, replaced = document["release"], document["replaced"]
    except (ValueError, KeyError, TypeError) as error:
        err.say(f"{plan} is not a twin plan: {error}")
        raise typer.Exit(Exit.USAGE) from error
    digest = sha256_of(checkpoint)
    with server() as client:
        release = client.get(f"/releases/{original}")
        body = {name: release[name] for name in COPIED} | {"twin_of": original, "replaced": replaced}
        body |= {"version": version or f"{release['version'][:80]}-twin-{digest[:8]}", "sha256": digest}
        made = client.post(f"/targets/{release['target_id']}/releases", body)
        waiting.upload(client, f"/releases/{made['id']}", checkpoint, digest)
        waiting.until_ready_or_exit(client, f"/releases/{made['id']}", checkpoint.name)
        out.say(made["id"])
