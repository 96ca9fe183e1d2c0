"""Are the classes of a model in another order than its description says? Read from what it guesses for whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Sorting = Literal["sorted as text", "sorted as numbers"]


@dataclass(frozen=True)
class Confusion:
    """Pictures of one class, the class that most of them are labelled as, and the share of them that are."""

    pictures_of: str
    labelled_as: str
    share: float


@dataclass(frozen=True)
class Order:
    """Another order of the class names, under which the model labels its training images rightly.

    Attributes:
        displaced: classes with images whose place differs. accuracy: mean over identities, under this order.
        examples: some of the displaced, those with the largest shares first.
        suggested: class names by class index. kind: how `suggested` is sorted, if it is.
        convention: the name of the input convention under which the order was recognised.
    """

    displaced: int
    accuracy: float
    examples: tuple[Confusion, ...]
    suggested: tuple[str, ...]
    kind: Sorting | None = None
    convention: str = "as declared"

    def to_dict(self) -> dict[str, Any]:
        return {
            "displaced": self.displaced,
            "accuracy": self.accuracy,
            "examples": [vars(one).copy() for one in self.examples],
            "suggested": list(self.suggested),
            "is": self.kind,
            "convention": self.convention,
        }

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Order:
        return cls(
            displaced=document["displaced"],
            accuracy=document["accuracy"],
            examples=tuple(Confusion(**one) for one in document["examples"]),
            suggested=tuple(document["suggested"]),
            kind=document["is"],
            convention=document["convention"],
        )
