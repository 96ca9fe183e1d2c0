"""Search for activations and a temperature after the last layer of a graph, and their removal.

They do not change the order of an image's classes, but make gradients small. An attack uses the
outputs before them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from worker.inversion.graph import Graph, Node

KNOWN = frozenset(
    {
        *(("Softmax",), ("LogSoftmax",), ("Sigmoid",), ("Tanh",)),
        *(("Softmax", "Log"), ("LogSoftmax", "Exp"), ("Sigmoid", "Log")),
    }
)
"""Activations that are removed, in the order in which they are computed."""
_ACT = frozenset(name for names in KNOWN for name in names)
_SHAPES = frozenset({"Cast", "Dropout", "Flatten", "Identity", "Reshape", "Squeeze", "Unsqueeze"})
_SCALES = frozenset({"Mul", "Div"})


@dataclass(frozen=True)
class Ending:
    """Operations after the last layer.

    Its outputs are multiplied by `scale`, go through `activations` (one of KNOWN, or none) and are
    multiplied by `after`. `scaled` is the graph without the activations, `bare` also without
    `scale`.
    """

    activations: tuple[str, ...]
    scale: float
    after: float
    scaled: Graph
    bare: Graph


def ending_of(graph: Graph, weights: Mapping[str, np.ndarray]) -> Ending | None:
    """Return the ending of a graph, or None without known activations or a constant factor."""
    steps = list(reversed(_steps_behind_last_layer(graph, weights)))
    first = next((at for at, (node, _) in enumerate(steps) if node.operator in _ACT), len(steps))
    scales = [(node, value) for node, value in steps[:first] if node.operator in _SCALES]
    rest = [(node, value) for node, value in steps[first:] if node.operator not in _SHAPES]
    names = tuple(node.operator for node, _ in rest if node.operator in _ACT)
    after = _product((node for node, _ in rest if node.operator in _SCALES), weights)
    scale = _product((node for node, _ in scales), weights)
    if not names and scale == 1:
        return None
    unknown = bool(names) and names not in KNOWN
    bounded = names == ("Tanh",) and after != 1  # a bound on logits, which belongs to them
    if unknown or bounded:
        return None
    return Ending(names, scale, after, without(graph, rest), without(graph, rest + scales))


def without(graph: Graph, steps: list[tuple[Node, str]]) -> Graph:
    """Return the graph without these steps, and without the nodes that nothing else needs.

    Nodes that read the output of a step read its input instead.
    """
    instead = {node.outputs[0]: value for node, value in steps}

    def before(name: str | None) -> str | None:
        while name in instead:
            name = instead[name]
        return name

    output = before(graph.output)
    assert output is not None, "an output has a name"
    dropped = {node.outputs[0] for node, _ in steps}
    needed, kept = {output}, []
    for index in reversed(range(len(graph.nodes))):
        node = graph.nodes[index]
        if needed & set(node.outputs) and node.outputs[0] not in dropped:
            inputs = tuple(before(name) for name in node.inputs)
            needed.update(name for name in inputs if name)
            kept.append((index, replace(node, inputs=inputs)))
    kept.reverse()
    tables = {name: table for name, table in graph.tables.items() if name in needed}
    head = [index for index, _ in kept].index(graph.head)
    return Graph(graph.opset, tuple(node for _, node in kept), tables, output, head)


def _product(nodes: Iterable[Node], weights: Mapping[str, np.ndarray]) -> float:
    return math.prod((_factor(node, weights) or 1.0 for node in nodes), start=1.0)


def _steps_behind_last_layer(graph: Graph, weights: Mapping[str, np.ndarray]) -> list[tuple[Node, str]]:
    """Return the known nodes from the output back to the last layer, each with its input value."""
    makers = {name: (index, node) for index, node in enumerate(graph.nodes) for name in node.outputs}
    found: list[tuple[Node, str]] = []
    value = graph.output
    while value in makers:
        index, node = makers[value]
        before = _input(node, weights)
        if index <= graph.head or before is None:
            break
        found.append((node, before))
        value = before
    return found


def _input(node: Node, weights: Mapping[str, np.ndarray]) -> str | None:
    """Return the value that goes through the node, or None if the node is not a known step."""
    if len(node.outputs) != 1:
        return None
    if node.operator in _ACT | _SHAPES:
        return node.inputs[0]
    if node.operator in _SCALES and (_factor(node, weights) or 0) > 0:
        return next(name for name in node.inputs if name not in weights)
    return None


def _factor(node: Node, weights: Mapping[str, np.ndarray]) -> float | None:
    """Return the number that the node multiplies by, or None unless it is one constant."""
    first, second = node.inputs
    constant = second if second in weights else first if node.operator == "Mul" and first in weights else None
    if constant is None or weights[constant].size != 1:
        return None
    number = float(weights[constant].reshape(()))
    if node.operator == "Mul":
        return number
    return 1 / number if number else None
