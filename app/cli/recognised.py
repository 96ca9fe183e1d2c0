"""The description of a checkpoint for which nobody has written one: what its file says."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.preflight import check_or_exit
from app.cli.terminal import err
from app.contract.exit_codes import Exit
from exhume import Client


def _sides(text: str) -> tuple[int, int]:
    try:
        height, _, width = text.partition("x")
        return int(height), int(width or height)
    except ValueError:
        raise typer.BadParameter("must be a number such as 64, or height x width such as 64x48") from None


def _numbers(text: str) -> list[float]:
    try:
        return [float(one) for one in text.split(",")]
    except ValueError:
        raise typer.BadParameter("must be a number, or one for each channel such as 0.485,0.456,0.406") from None


SizeOption = Annotated[
    Any,
    typer.Option(
        "--size", parser=_sides, metavar="SIDE", help="Without --description: side of the images, or HEIGHTxWIDTH."
    ),
]
MeanOption = Annotated[
    Any,
    typer.Option("--mean", parser=_numbers, metavar="NUMBERS", help="Without --description: mean of each channel."),
]
StdOption = Annotated[
    Any,
    typer.Option("--std", parser=_numbers, metavar="NUMBERS", help="Without --description: deviation of each channel."),
]


@dataclass(frozen=True)
class Stated:
    """Parts of the convention that the user has stated. None if not."""

    size: tuple[int, int] | None = None
    mean: list[float] | None = None
    std: list[float] | None = None

    def __bool__(self) -> bool:
        return any(part is not None for part in (self.size, self.mean, self.std))


def recognised(client: Client, file: Path, stated: Stated) -> dict[str, Any]:
    """Return the description of a checkpoint by its file and what the user has stated.

    Ends the command with a description to complete, where something is missing.
    """
    found, missing = description_of(check_or_exit(client, file, {}), stated)
    if not missing:
        return found
    err.say(
        f"{file.name} does not say {' and '.join(missing)}. Complete this description, save it, and give it with"
        " --description:",
        json.dumps(found, indent=2),
    )
    raise typer.Exit(Exit.USAGE)


def description_of(preflight: dict[str, Any], stated: Stated) -> tuple[dict[str, Any], list[str]]:
    """Return a description, and what is missing in it. It has null in those places."""
    first: dict[str, Any] = next((one for one in preflight["proposals"] if one["exact"]), {})
    side = preflight.get("side")
    height, width = stated.size or (side, side)
    channels = first.get("channels") or (3 if len(stated.mean or []) == 3 else None)
    convention = {"height": height, "width": width, "channels": channels, "mean": stated.mean, "std": stated.std}
    classes = preflight.get("classes")
    found = {
        "architecture": first.get("architecture", "auto"),
        "hyperparameters": first.get("hyperparameters", {}),
        "convention": convention,
        "classes": classes,
    }
    words = {
        "the names of its classes": classes,
        "the size of its images (--size)": height,
        "their channels": channels,
        "their mean (--mean)": stated.mean,
        "their standard deviation (--std)": stated.std,
    }
    return found, [name for name, value in words.items() if value is None]
