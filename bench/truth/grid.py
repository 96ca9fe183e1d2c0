"""The cells of the grid: faults of a release, outputs of its network, and correct answers."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

ORDERS = ("right", "string", "shuffled", "swapped")
OUTPUTS = ("logits", "softmax", "sigmoid")
INPUTS = ("right", "0..255")
CLASSES = (2, 10, 90)
KNOWN_CODES = {"class_order", "input_convention", "at_chance"}
"""Codes of an audit that ended before compute was spent."""


@dataclass(frozen=True)
class Cell:
    """One release.

    Attributes:
        order: order of the last layer's rows relative to the described class names. "right"
            matches. "string" is trained in the order of the names sorted as text and described in
            numeric order. "shuffled" is random. "swapped" exchanges two classes.
        outputs: the last operator of the ONNX graph.
        inputs: "right", or "0..255" for a network that takes pixels from 0 to 255 but is described
            with images in [0, 1].
        null: trained on other characters than those in its audit.
    """

    classes: int
    order: str = "right"
    outputs: str = "logits"
    inputs: str = "right"
    null: bool = False

    @property
    def name(self) -> str:
        return f"{self.classes} classes, {'null model, ' * self.null}{self.order} order, {self.outputs}, {self.inputs}"

    @property
    def sound(self) -> bool:
        """Whether the description fits the model."""
        return self.order == "right" and self.inputs == "right" and not self.null


def grid() -> list[Cell]:
    """Return all cells, and a null model for every number of classes."""
    cells = [Cell(*rest) for rest in product(CLASSES, ORDERS, OUTPUTS, INPUTS)]
    return [*cells, *(Cell(classes, null=True) for classes in CLASSES)]


def people(classes: int) -> list[str]:
    """Return names whose order as numbers differs from their order as text.

    They are 9, 10; 2 to 11; 0 to 9 and 20 to 99.
    """
    numbers = {2: [9, 10], 10: range(2, 12), 90: [*range(10), *range(20, 100)]}[classes]
    return [str(number) for number in numbers]


def order_of(cell: Cell) -> np.ndarray:
    """Return (C,): for each row of the last layer, the index of the name it was trained for."""
    names, rng = people(cell.classes), np.random.default_rng(cell.classes)
    rows = np.arange(cell.classes)
    match cell.order:
        case "string":
            return np.array(sorted(rows, key=lambda row: names[row]))
        case "shuffled":
            while np.array_equal(shuffled := rng.permutation(rows), rows):
                pass
            return shuffled
        case "swapped":
            rows[[0, -1]] = rows[[-1, 0]]
    return rows


def outcome_of(cell: Cell, found: dict[str, Any]) -> str:
    """Return the outcome of a cell.

    It is "right", "recognised", "inconclusive" (with the true reason) or "WRONG".
    """
    verdict, stopped, state = found.get("verdict"), found.get("stopped"), found.get("fit")
    if cell.sound:
        # All of these models leak. 90 people are enough to show it; with 2 or 10 the interval may
        # be too wide.
        leaks = verdict == "FAIL" or (verdict == "INCONCLUSIVE" and cell.classes < 90)
        return "right" if leaks and state == "trained" else "WRONG"
    if found.get("refused") or (stopped in KNOWN_CODES and verdict == "INCONCLUSIVE"):
        return "recognised"
    return "inconclusive" if verdict == "INCONCLUSIVE" and state != "trained" else "WRONG"
