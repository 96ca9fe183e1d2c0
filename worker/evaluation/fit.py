"""Whether a release is the model that its description says, from its training images."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from worker.evaluation.class_order import Order, recognise_order
from worker.evaluation.guessing import against_guessing
from worker.evaluation.input_conventions import DECLARED, Conventions, Reading, guesses_of, try_conventions
from worker.evaluation.statistics import Estimate, by_identity, mean
from worker.inversion.targets import Target

FitState = Literal["trained", "below_floor", "at_chance", "class_order", "input_convention"]
STOPPING: frozenset[FitState] = frozenset({"at_chance", "class_order", "input_convention"})
"""States in which an audit ends before spending compute, because the description is wrong."""


@dataclass(frozen=True)
class Fit:
    """How well a release knows its private training images, and whether its description fits.

    Attributes:
        accuracy: mean over identities, with its interval; n is the number of identities.
        images, classes: number of private training images, and of classes of the release.
        p_value: of the exact test against guessing.
        floor: the accuracy that a trained model reaches, see `floor_of`.
        state: `trained`; `below_floor` (better than guessing, but less accurate than trained
            models); `at_chance`; `class_order` (the classes are in the order given by `order`);
            `input_convention` (another convention in `conventions` is clearly better).
        conventions: accuracy under each convention, the declared one first.
    """

    accuracy: Estimate
    images: int
    classes: int
    p_value: float
    floor: float
    state: FitState
    order: Order | None = None
    conventions: tuple[Reading, ...] = ()

    @property
    def guessing(self) -> float:
        """The accuracy of guessing: 1 / classes."""
        return 1 / self.classes

    @property
    def stops(self) -> bool:
        """Whether the audit ends here, because nothing can be concluded about this description."""
        return self.state in STOPPING

    @property
    def may_pass(self) -> bool:
        """Whether the verdict can be PASS, at any budget."""
        return self.state == "trained"

    def to_dict(self) -> dict[str, Any]:
        """Return the fit document of a result."""
        return {
            "accuracy": self.accuracy.to_dict(),
            "images": self.images,
            "classes": self.classes,
            "guessing": self.guessing,
            "p_value": self.p_value,
            "floor": self.floor,
            "state": self.state,
            "order": None if self.order is None else self.order.to_dict(),
            "conventions": [reading.to_dict() for reading in self.conventions],
        }

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Fit:
        """Read a document of `to_dict`."""
        return cls(
            accuracy=Estimate(**document["accuracy"]),
            images=document["images"],
            classes=document["classes"],
            p_value=document["p_value"],
            floor=document["floor"],
            state=document["state"],
            order=None if document["order"] is None else Order.from_dict(document["order"]),
            conventions=tuple(Reading.from_dict(one) for one in document["conventions"]),
        )


def floor_of(classes: int) -> float:
    """Return the lowest training accuracy of a trained model, half way from guessing to 1."""
    return (1 + 1 / classes) / 2


def assess(
    target: Target,
    images: np.ndarray,
    labels: np.ndarray,
    class_names: Sequence[str],
    *,
    between: Callable[[], None] = lambda: None,
    seed: int = 0,
) -> Fit:
    """Decide whether `target` is the model that its description says.

    Args:
        images: the private training images, uint8 (N, H, W) or (N, H, W, C).
        labels: (N,) class indices. Some classes may have no images.
        class_names: by class index.
        between: called between batches. It may raise to cancel.

    Raises: ValueError without images.
    """
    labels, classes = np.asarray(labels, np.int64), len(class_names)
    if not len(labels):
        raise ValueError("no private training images")
    guesses = guesses_of(target, images, between=between)
    accuracy = mean(by_identity(guesses == labels, labels), within=(0, 1), seed=seed)
    chance, floor = against_guessing(guesses, labels, classes, seed=seed), floor_of(classes)
    tried = try_conventions(target, images, labels, guesses, floor=floor, between=between, seed=seed)
    better = tried.contradicting(floor=floor)
    order = recognise_order(guesses, labels, class_names, floor=floor, seed=seed)
    if order is None and better is None and accuracy.value <= floor:
        order = _order_elsewhere(tried, class_names, floor=floor, seed=seed)
    state: FitState = "trained" if accuracy.value > floor else "below_floor"
    if order is not None:
        state = "class_order"
    elif better is not None:
        state = "input_convention"
    elif chance.at_chance:
        state = "at_chance"
    readings = [
        Reading(name, convention, accuracy.value if name == DECLARED else tried.accuracy(name))
        for name, convention in tried.conventions.items()
    ]
    return Fit(accuracy, len(labels), classes, chance.p_value, floor, state, order, tuple(readings))


def _order_elsewhere(tried: Conventions, class_names: Sequence[str], *, floor: float, seed: int) -> Order | None:
    """Return the most accurate order recognised under another convention than the declared one."""
    orders = [
        recognise_order(guesses, tried.labels, class_names, floor=floor, convention=name, seed=seed)
        for name, guesses in tried.guesses.items()
        if name != DECLARED
    ]
    return max((one for one in orders if one is not None), key=lambda one: one.accuracy, default=None)
