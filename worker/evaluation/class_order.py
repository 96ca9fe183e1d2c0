"""Detects a model whose classes are in another order than its description says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from worker.evaluation.guessing import clearly_better
from worker.evaluation.input_conventions import DECLARED
from worker.evaluation.places import exchanged
from worker.evaluation.sorting import Sorting, sorted_orders, sorting_of
from worker.evaluation.statistics import by_identity

EXAMPLES = 5


@dataclass(frozen=True)
class Confusion:
    """Images of one class that the model labels as another under the declared order.

    Attributes:
        pictures_of: the class of the images.
        labelled_as: the class that the model gives them.
        share: the share of the images that get this label.
    """

    pictures_of: str
    labelled_as: str
    share: float


@dataclass(frozen=True)
class Order:
    """Another class order, under which the model labels its training images correctly.

    Attributes:
        displaced: number of classes with images whose place differs from the declared one.
        accuracy: mean over identities, under this order.
        examples: the first displaced classes, by class index.
        suggested: class names by class index.
        kind: how `suggested` is sorted, or None. In an unsorted order, classes without images keep
            their places where these are free.
        convention: name of the input convention under which the order was recognised.
    """

    displaced: int
    accuracy: float
    examples: tuple[Confusion, ...]
    suggested: tuple[str, ...]
    kind: Sorting | None = None
    convention: str = DECLARED

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


def recognise_order(
    guesses: np.ndarray,
    labels: np.ndarray,
    class_names: Sequence[str],
    *,
    floor: float,
    convention: str = DECLARED,
    seed: int = 0,
) -> Order | None:
    """Return the class order that explains the guesses, or None if the declared order does.

    Two kinds of order are considered: the names sorted as text or as numbers, and the order that
    `exchanged` reads from the guesses. An order must reach the floor and label clearly more of the
    images correctly than the declared order (exact paired test, 2 %). A sorted order is preferred
    unless the other one is clearly better.

    Args:
        guesses, labels: class indices (N,) of the private training images, in the declared order.
        floor: the accuracy that a trained model reaches.
        convention: name of the input convention that the guesses were made under.
    """
    found: tuple[np.ndarray, Sorting | None] | None = None
    right = guesses == labels
    best = right
    for kind, places in sorted_orders(class_names).items():
        under = guesses == places[labels]
        if _mean(under, labels) > floor and clearly_better(under, best):
            found, best = (places, kind), under
    places = exchanged(guesses, labels, len(class_names), floor=floor, seed=seed)
    under = guesses == places[labels]
    if _mean(under, labels) > floor and clearly_better(under, best):
        found = (places, None)
    if found is None:
        return None
    places, sorting = found
    under = guesses == places[labels]
    seen = np.unique(labels)
    moved = np.intersect1d(seen[places[seen] != seen], labels[under])
    suggested = tuple(class_names[k] for k in np.argsort(places))
    return Order(
        displaced=int(np.sum(places[seen] != seen)),
        accuracy=_mean(under, labels),
        examples=tuple(
            Confusion(class_names[k], class_names[places[k]], float(under[labels == k].mean()))
            for k in moved[:EXAMPLES]
        ),
        suggested=suggested,
        kind=sorting or sorting_of(suggested),
        convention=convention,
    )


def _mean(right: np.ndarray, labels: np.ndarray) -> float:
    return float(by_identity(right, labels).mean())
