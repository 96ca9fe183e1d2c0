"""Check of the architecture and hyper-parameters that a release declares."""

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
    """Check that the architecture is known and has these hyper-parameters. Nothing is built.

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
    """Return a rejection for an error of the engine."""
    if isinstance(error, InvalidHyperparameters):
        return Refused("invalid-hyperparameters", sentence(error))
    near = [{"name": name, "detail": "is a known architecture with a similar name"} for name in error.nearest]
    return Refused("unknown-architecture", sentence(error), near)


def sentence(error: ValueError) -> str:
    """Return the error's message as a sentence. Names of architectures stay in lower case."""
    text = shown(error, 2000)
    return f"{text}." if "/" in text.partition(" ")[0] else f"{text[:1].upper()}{text[1:]}."
