"""What the release says of its network, refused where nothing like it can be built."""

from __future__ import annotations

from typing import Any

from app.formats.architectures import AUTO
from app.formats.declared import (
    InvalidHyperparameters,
    UnknownArchitecture,
    check_architecture,
    check_hyperparameters,
)
from app.formats.refusal import Refused, shown


def check_declaration(architecture: str, hyperparameters: dict[str, Any]) -> None:
    """Is the name known, and may the hyper-parameters be those of its network? Nothing is built.

    Raises: Refused (unknown-architecture, invalid-hyperparameters).
    """
    if architecture == AUTO:
        return
    try:
        check_architecture(architecture)
        check_hyperparameters(architecture, hyperparameters)
    except (UnknownArchitecture, InvalidHyperparameters) as error:
        raise undeclarable(error) from None


def undeclarable(error: UnknownArchitecture | InvalidHyperparameters) -> Refused:
    """The engine's refusal as the intake's."""
    if isinstance(error, InvalidHyperparameters):
        return Refused("invalid-hyperparameters", sentence(error))
    near = [{"name": name, "detail": "is a known architecture of a similar name"} for name in error.nearest]
    return Refused("unknown-architecture", sentence(error), near)


def sentence(error: ValueError) -> str:
    """What the engine says, for people; the name of an architecture keeps its small letter."""
    text = shown(error, 2000)
    return f"{text}." if "/" in text.partition(" ")[0] else f"{text[:1].upper()}{text[1:]}."
