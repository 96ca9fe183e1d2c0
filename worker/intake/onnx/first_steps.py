"""Comparison of the normalisation inside a graph with the convention of the release."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from worker.inversion.graph import Graph, Node

CONVENTIONS: dict[str, tuple[float, float]] = {"unit": (0.0, 1.0), "bytes": (0.0, 1 / 255)}
"""Mean and std for networks that normalise pixels themselves: from 0 to 1, and from 0 to 255."""
_PASSING = frozenset({"Cast", "Dropout", "Gather", "Identity", "Resize", "Slice", "Squeeze", "Transpose", "Unsqueeze"})
_SHAPES = frozenset({"Shape", "Size"})
_MOST_STEPS = 16


@dataclass(frozen=True)
class FirstSteps:
    """Values that the first layer sees.

    `seen`: smallest and largest value under the release's convention. `suggested`: if these are
    unusual, one of CONVENTIONS under which they are usual, with the values then seen.
    """

    seen: tuple[float, float]
    suggested: tuple[str, tuple[float, float]] | None


def first_steps(graph: Graph, weights: Mapping[str, np.ndarray], convention: dict[str, Any]) -> FirstSteps | None:
    """Compare the normalisation. Return None if the graph does not normalise its images."""
    affine = _affine(graph, weights)
    if affine is None:
        return None
    mean, std = (np.array(convention.get(name, [default]), float) for name, default in (("mean", 0), ("std", 1)))
    channels = max(len(part.reshape(-1)) for part in (*affine, mean, std))
    if any(part.size not in (1, channels) for part in (*affine, mean, std)):
        return None
    seen = _range(affine, mean, std)
    if _is_usual(*seen):
        return FirstSteps((seen[0], seen[1]), None)
    for name, (other_mean, other_std) in CONVENTIONS.items():
        low, high, width = _range(affine, np.array([other_mean]), np.array([other_std]))
        if _is_usual(low, high, width):
            return FirstSteps((seen[0], seen[1]), (name, (low, high)))
    return FirstSteps((seen[0], seen[1]), None)


def _range(affine: tuple[np.ndarray, np.ndarray], mean: np.ndarray, std: np.ndarray) -> tuple[float, float, float]:
    """Return the smallest and largest value of black and white, and their mean distance."""
    factor, offset = affine
    ends = np.stack([factor * (pixel - mean) / std + offset for pixel in (0.0, 1.0)])
    return float(ends.min()), float(ends.max()), float(np.abs(ends[1] - ends[0]).mean())


def _is_usual(low: float, high: float, width: float) -> bool:
    """Return whether a range is usual for training.

    Usual are [0, 1], [-1, 1], standardised values, and 0 to 255 with or without their mean.
    """
    return low <= 0.05 and high >= 0.05 and (0.5 <= width <= 10 or 100 <= width <= 300)


def _affine(graph: Graph, weights: Mapping[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray] | None:
    """Return (factor, offset) of everything computed before the first layer.

    Each is one number or one per channel. None if nothing is computed.
    """
    factor, offset, calculated, value = np.ones(1), np.zeros(1), False, "x"
    for _ in range(_MOST_STEPS):
        readers = [n for n in graph.nodes if value in n.inputs and n.operator not in _SHAPES]
        if len(readers) != 1 or len(readers[0].outputs) != 1:
            break
        node = readers[0]
        if (step := _step(node, value, weights)) is not None:
            factor, offset, calculated = step[0] * factor, step[0] * offset + step[1], True
        elif node.operator not in _PASSING or node.inputs[0] != value:
            break
        value = node.outputs[0]
    return (factor, offset) if calculated else None


def _step(node: Node, value: str, weights: Mapping[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray] | None:
    """Return (factor, offset) of a node with constants, one number or one per channel, or None."""
    constants = [
        weights[name].reshape(-1).astype(float) for name in node.inputs if name is not None and name in weights
    ]
    if len(constants) != len(node.inputs) - 1 or not all(len(c) in (1, 3) for c in constants):
        return None
    first, one, none = node.inputs[0] == value, np.ones(1), np.zeros(1)
    step = None
    match node.operator, constants:
        case "Add", [c]:
            step = one, c
        case "Sub", [c]:
            step = (one, -c) if first else (-one, c)
        case "Mul", [c]:
            step = c, none
        case "Div", [c] if first and c.all():
            step = 1 / c, none
        case "BatchNormalization", [scale, bias, mean, variance]:
            factor = scale / np.sqrt(variance + float(node.attributes.get("epsilon", 1e-5)))
            step = factor, bias - factor * mean
    return step
