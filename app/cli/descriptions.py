"""The description of a checkpoint: a JSON file, and what may be given apart from it."""

import json
from pathlib import Path
from typing import Any

import typer

from app.cli.terminal import err
from app.contract.class_kinds import ClassKind
from app.contract.exit_codes import Exit
from app.formats.names import tidy

OPTIONAL = ("architecture", "hyperparameters", "classes_are", "confirm_class_order")


def read_description(
    path: Path, classes_are: ClassKind | None = None, *, confirm_order: bool = False
) -> dict[str, Any]:
    """The description of a checkpoint: its convention, its classes and, optionally, its architecture, what a class
    stands for, and whether the order of the classes is confirmed. The last two may be given apart from the file."""
    try:
        document = json.loads(path.read_text())
    except ValueError as error:
        err.say(f"{path} is not JSON: {error}")
        raise typer.Exit(Exit.USAGE) from error
    match document:
        case {"convention": dict(convention), "classes": list(classes)}:
            told = {name: document[name] for name in OPTIONAL if name in document}
            told |= {"classes_are": classes_are.value} if classes_are is not None else {}
            told |= {"confirm_class_order": True} if confirm_order else {}
            return {"convention": convention, "classes": classes, **told}
    wanted = 'must be a JSON object with "convention", an object, and "classes", a list of names'
    err.say(f"{path} {wanted}.")
    raise typer.Exit(Exit.USAGE)


def check_described_alike(release: dict[str, Any], body: dict[str, Any]) -> None:
    """A release of an earlier run, whose file never arrived, must have the same classes; else the command ends."""
    told = (
        [tidy(name) for name in body["classes"]],
        body.get("classes_are", ClassKind.PERSON),
        body.get("confirm_class_order", False),
    )
    if told != (release["classes"], release["classes_are"], release["class_order_confirmed"]):
        err.say(
            f"Release {release['version']!r} was created with another description and awaits its file:"
            f" {release['id']}. Choose another version with --version."
        )
        raise typer.Exit(Exit.USAGE)
