"""The table of cases, and what a builder returns."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

TABLE = Path(__file__).with_name("cases.toml")
ACCEPTED = "accepted"
NAMES = ["ada", "grace", "katherine", "dorothy", "mary"]
IMAGENET = {"mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]}
HALVES = {"mean": [0.5] * 3, "std": [0.5] * 3}
UNIT = {"mean": [0.0] * 3, "std": [1.0] * 3}


@dataclass(frozen=True)
class Case:
    """One kind of file.

    Attributes:
        kind: which check it goes through.
        what: the file, in words.
        answer: "accepted", or the code of the rejection.
        make: the builder's name; the name of the case if it is not given.
        note: a part of the note that an accepted file must have.
        recipe: for a rejection: "runs" if the printed lines are run on the file, "model" if they
            need the model itself, or the name of a case that follows the advice.
        aside: for a rejected checkpoint: why it is not a classifier of images with plain weights
            and a fitting description. objects: it holds Python objects or a program.
            no-classifier: it has no classes of images. description: it contradicts its
            description. quantised: its weights are rounded. Empty if it is one, and is rejected
            all the same.
        large: the file has tens of megabytes. Only the benchmark builds it.
    """

    name: str
    kind: Literal["checkpoint", "onnx", "images", "description"]
    what: str
    answer: str
    make: str = ""
    note: str = ""
    recipe: str = ""
    aside: Literal["", "objects", "no-classifier", "description", "quantised"] = ""
    large: bool = False


@dataclass(frozen=True)
class Checkpoint:
    """A file of weights, its description, and the network as its owner runs it.

    `original` takes images as the convention prepares them, and gives logits. `model` is the
    owner's module, for recipes that need it.
    """

    file: Path
    original: Callable[[Any], Any] | None = None
    description: dict[str, Any] = field(default_factory=dict)
    model: Any = None
    tolerance: float = 1e-4
    """Largest difference of two logits, as a share of their spread."""
    heads: tuple[Path, ...] = ()
    """Files with the last layer, which the command line puts behind the backbone in `file`."""


@dataclass(frozen=True)
class ImageSet:
    """A data set, and the (identity, held out, pixels) of each image that must be found in it."""

    file: Path
    images: list[tuple[str, bool, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Described:
    """A description, and how it is understood."""

    file: Path
    understood: dict[str, Any] = field(default_factory=dict)


@cache
def cases() -> tuple[Case, ...]:
    """Return the table."""
    return tuple(Case(**row) for row in tomllib.loads(TABLE.read_text(encoding="utf-8"))["case"])


def described(side: int = 32, channels: int = 3, classes: list[str] | None = None, **other: Any) -> dict[str, Any]:
    """Return the arguments of an intake that belong to a description."""
    convention = {"height": side, "width": side, "channels": channels}
    convention |= other.pop("convention", IMAGENET if channels == 3 else {"mean": [0.5], "std": [0.5]})
    return {
        "architecture": "auto",
        "hyperparameters": {},
        "convention": convention,
        "classes": classes or NAMES,
        **other,
    }
