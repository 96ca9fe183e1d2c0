"""What the engine refuses, as one tree.

EngineError
    InvalidImages            an image set of the wrong type, shape or size
    InvalidRecipe            unknown or impossible settings of a prior, of students or of an attack
    InvalidConvention        an input convention that cannot be
    CheckpointMismatch       keys or shapes of the weights are not the architecture's
    UnusableTarget           NaN weights, constant output, wrong class count
        HardOutputs          decisions in place of scores
    TrainingDiverged         a prior's losses are no numbers any more
    UnusableModel            a prior, verifier or student file that cannot be used

Names and hyper-parameters that cannot be declared raise `app.formats.declared.DeclarationError`.
"""

# ruff: noqa: N818 (the names say what is refused; all of them derive from EngineError)
from __future__ import annotations


class EngineError(ValueError):
    """Base of all refusals; the message says what is wrong and what to do."""


class InvalidImages(EngineError):
    """An image set of the wrong type, shape or size."""


class InvalidRecipe(EngineError):
    """Unknown or impossible settings."""


class InvalidConvention(EngineError):
    """An input convention that cannot be."""


class CheckpointMismatch(EngineError):
    """Keys or shapes of the weights are not those of the architecture.

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
    """The network puts out decisions, of which no logits can be made."""


class TrainingDiverged(EngineError):
    """A prior's losses are no numbers any more."""


class UnusableModel(EngineError):
    """A prior, verifier, evaluator or student file that cannot be used."""


def _first(items: list[str], n: int = 8) -> str:
    more = f" and {len(items) - n} more" if len(items) > n else ""
    return ", ".join(items[:n]) + more
