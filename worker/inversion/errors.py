"""Errors raised by the engine.

EngineError
    InvalidImages            images of the wrong type, shape or size
    InvalidRecipe            unknown or impossible settings of a prior, students or an attack
    InvalidConvention        an impossible input convention
    CheckpointMismatch       keys or shapes of the weights do not match the architecture
    UnusableTarget           NaN weights, constant output, wrong class count
        HardOutputs          decisions instead of scores
    TrainingDiverged         the losses of a prior are NaN or infinite
    UnusableModel            a prior, verifier or student file that cannot be used

Undeclarable names and hyper-parameters raise `app.formats.declared.DeclarationError`.
"""

# ruff: noqa: N818 (the names say what is rejected; all of them derive from EngineError)
from __future__ import annotations


class EngineError(ValueError):
    """Base of all errors of the engine. The message says what is wrong and how to fix it."""


class InvalidImages(EngineError):
    """Images of the wrong type, shape or size."""


class InvalidRecipe(EngineError):
    """Unknown or impossible settings."""


class InvalidConvention(EngineError):
    """An impossible input convention."""


class CheckpointMismatch(EngineError):
    """Keys or shapes of the weights do not match the architecture.

    Attributes:
        missing, unexpected: sorted keys.
        shapes: key -> (expected shape, found shape).
    """

    def __init__(
        self,
        *,
        missing: list[str],
        unexpected: list[str],
        shapes: dict[str, tuple[tuple[int, ...], tuple[int, ...]]],
    ) -> None:
        self.missing, self.unexpected, self.shapes = missing, unexpected, shapes
        parts = []
        if missing:
            parts.append(f"missing keys: {_first(missing)}")
        if unexpected:
            parts.append(f"unexpected keys: {_first(unexpected)}")
        if shapes:
            listed = [f"{k} (expected {list(e)}, found {list(f)})" for k, (e, f) in shapes.items()]
            parts.append(f"wrong shapes: {_first(listed)}")
        super().__init__("checkpoint does not fit the architecture: " + "; ".join(parts))


class UnusableTarget(EngineError):
    """The network loads, but cannot be audited."""


class HardOutputs(UnusableTarget):
    """The network outputs decisions, from which logits cannot be computed."""


class TrainingDiverged(EngineError):
    """The losses of a prior are NaN or infinite."""


class UnusableModel(EngineError):
    """A prior, verifier, evaluator or student file that cannot be used."""


def _first(items: list[str], n: int = 8) -> str:
    more = f" and {len(items) - n} more" if len(items) > n else ""
    return ", ".join(items[:n]) + more
