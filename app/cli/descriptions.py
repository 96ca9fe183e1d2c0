"""The description of a checkpoint: a JSON file, and options that override parts of it."""

from pathlib import Path
from typing import Any

import typer

from app.cli.terminal import err
from app.contract.class_kinds import ClassKind
from app.contract.exit_codes import Exit
from app.formats import descriptions
from app.formats.names import tidy
from exhume import Client


def read_description(
    path: Path, classes_are: ClassKind | None = None, *, confirm_order: bool = False
) -> dict[str, Any]:
    """Return the description of a checkpoint.

    It has a convention, classes and, optionally, an architecture, hyper-parameters, `classes_are`
    and `confirm_class_order`. The options override the last two.
    """
    try:
        found = descriptions.read_description(path.read_bytes())
    except descriptions.DescriptionError as error:
        err.say(f"{path}: {error}")
        raise typer.Exit(Exit.USAGE) from error
    return with_options(found, classes_are, confirm_order=confirm_order)


def with_options(
    found: dict[str, Any], classes_are: ClassKind | None = None, *, confirm_order: bool = False
) -> dict[str, Any]:
    """Return a description with the values of the options."""
    found = found | ({"classes_are": classes_are.value} if classes_are is not None else {})
    return found | ({"confirm_class_order": True} if confirm_order else {})


def check_described_alike(client: Client, release: dict[str, Any], body: dict[str, Any]) -> None:
    """End the command if an earlier release that still needs its file has other classes.

    A release from a list is read again, as lists leave the names of classes out.
    """
    if "classes" not in release:
        release = client.get(f"/releases/{release['id']}")
    optional = (
        [tidy(name) for name in body["classes"]],
        body.get("classes_are", ClassKind.PERSON),
        body.get("confirm_class_order", False),
    )
    if optional != (release["classes"], release["classes_are"], release["class_order_confirmed"]):
        err.say(
            f"Release {release['version']!r} was created with another description and still needs its file:"
            f" {release['id']}. Choose another version with --version."
        )
        raise typer.Exit(Exit.USAGE)
