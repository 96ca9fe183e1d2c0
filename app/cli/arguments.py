"""Arguments shared by several commands, checked before any request is sent."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal, get_args

import typer

from app.contract.choices import Attack
from app.contract.class_kinds import ClassKind
from app.kit.ids import parse_id

Role = Literal["public", "private", "gallery"]


def id_of(prefix: str, what: str, listed_by: str) -> Callable[[str], str]:
    """Return a callback that only accepts ids such as `aud_0198...`."""

    def check(value: str) -> str:
        try:
            parse_id(prefix, value)
        except ValueError as error:
            raise typer.BadParameter(f"{value!r} is not the id of {what}. `{listed_by}` lists the ids.") from error
        return value

    return check


def not_empty(file: Path) -> Path:
    """Callback for a file to send: one without bytes is rejected before anything is created."""
    if file.stat().st_size == 0:
        raise typer.BadParameter(f"file {str(file)!r} is empty (0 bytes). Was it written to the end?")
    return file


AuditArgument = Annotated[
    str,
    typer.Argument(help="Id of the audit.", callback=id_of("aud", "an audit", "exhume audit list")),
]
ReleaseArgument = Annotated[
    str,
    typer.Argument(metavar="RELEASE", help="Id of the release, or TARGET:VERSION."),
]
DatasetArgument = Annotated[str, typer.Argument(help="Name or id of the data set.")]
UploadArgument = Annotated[
    str,
    typer.Argument(
        metavar="UPLOAD", help="Id of the upload.", callback=id_of("upl", "an upload", "exhume upload list")
    ),
]
ProjectOption = Annotated[
    str | None, typer.Option("--project", "-p", envvar="EXHUME_PROJECT", help="Name or id of the project.")
]
OrganisationOption = Annotated[
    str | None,
    typer.Option("--organisation", "-o", envvar="EXHUME_ORGANISATION", help="Name or id of the organisation."),
]
SearchOption = Annotated[
    str | None, typer.Option(help="Only items that contain all these words, in any case, or the item with this id.")
]
SortOption = Annotated[
    str | None,
    typer.Option(help="Field to sort by, such as created_at. A minus sign before it means descending: --sort=-name."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]
RoleOption = Annotated[
    Role,
    typer.Option(
        help="Role of the images: public (available to an attacker), private (training images of the model) or "
        "gallery (other people)."
    ),
]
DescriptionOption = Annotated[
    Path,
    typer.Option(
        help="JSON file with `convention`, `classes` and, unless they should be detected, `architecture` and "
        "`hyperparameters`; also `classes_are` and `confirm_class_order`.",
        exists=True,
        dir_okay=False,
    ),
]

OptionalDescriptionOption = Annotated[
    Path | None,
    typer.Option(
        help="JSON file with `convention`, `classes` and, unless they should be detected, `architecture` and "
        "`hyperparameters`; also `classes_are` and `confirm_class_order`. Default: what the file itself says.",
        exists=True,
        dir_okay=False,
    ),
]

ClassesAreOption = Annotated[
    ClassKind | None,
    typer.Option(help="What a class is. Default: `classes_are` of the description, or person."),
]
ConfirmOrderOption = Annotated[
    bool,
    typer.Option(
        "--confirm-class-order",
        help="Accept the checkpoint even if its classes are in another order than those of the description.",
    ),
]


def attack_names(value: str) -> list[str]:
    """Parse names of attacks, separated by commas."""
    names = [name.strip() for name in value.split(",")]
    if unknown := [name for name in names if name not in get_args(Attack)]:
        known = ", ".join(get_args(Attack))
        raise typer.BadParameter(f"{unknown[0]!r} is not an attack. The attacks are {known}.")
    return names


def _checked(value: str | None) -> str | None:
    return None if value is None else ",".join(attack_names(value))


AttacksOption = Annotated[
    str | None,
    typer.Option(
        callback=_checked,
        metavar="NAMES",
        help="Attacks to run together, separated by commas, such as gmi,kedmi. A class is exposed if any exposes it.",
    ),
]


def share(value: str) -> float:
    """Parse a budget, a share above 0 and below 1."""
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if 0 < number < 1:
        return number
    raise typer.BadParameter(f"{value!r} is not a share above 0 and below 1{_meant(value)}.")


def _meant(value: str) -> str:
    """Return a hint for someone who writes a percentage."""
    try:
        percent = float(value.strip().removesuffix("%"))
    except ValueError:
        return "; write 0.05 for 5 %"
    if value.strip().endswith("%") or percent > 1:
        return f"; write {percent / 100:g} for {percent:g} %" if 0 < percent < 100 else "; write 0.05 for 5 %"
    if percent == 1:
        return "; write 0.01 for 1 %. A budget of 100 % would pass every model"
    return ". No audit can show that the risk is 0; the smallest budgets need the most people"


def limit(value: str) -> tuple[str, float | None]:
    """Parse `NAME=NUMBER` or `NAME=`."""
    name, equals, text = value.partition("=")
    try:
        number = float(text) if text else None
    except ValueError:
        number = math.nan
    if not name or not equals or (number is not None and not math.isfinite(number)):
        raise typer.BadParameter(f"{value!r} is neither NAME=NUMBER nor NAME=.")
    return name, number
