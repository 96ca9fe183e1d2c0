"""The network that a graph document describes, run operator by operator, with gradients."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from worker.inversion.errors import UnusableTarget
from worker.inversion.graph import HEADS, LARGEST_VALUE, SIGNATURES, Graph, Node, check_nodes
from worker.inversion.targets.graph.operators import OPERATORS

Shapes = dict[str, tuple[int, ...]]


class GraphNetwork(nn.Module):
    """A classifier given as a graph and the shapes of its weights.

    `head` is the module whose first input is the penultimate feature.

    Shapes: (B, C, H, W) -> logits (B, num_classes).
    Raises: UnusableTarget for unknown operators and attributes, wrong numbers of inputs, and
        shapes that depend on the images. With those, the memory of one run would not bound that of
        the next.
    """

    def __init__(self, graph: Graph, shapes: Shapes) -> None:
        super().__init__()
        if set(shapes) != graph.weights:
            raise UnusableTarget("the graph of the network and its file name different weights")
        check_nodes(graph)
        self.graph = graph
        self._steps = [_Step(node, graph.opset) for node in graph.nodes]
        self._tables = {name: _tensor(table.values, table.shape, table.truth) for name, table in graph.tables.items()}
        node = graph.nodes[graph.head]
        if node.operator not in HEADS or not (node.inputs[0] or "w").startswith(("n", "x")):
            raise UnusableTarget("the head of the graph cannot be a last layer")
        self.weights = nn.ParameterDict({name: nn.Parameter(torch.empty(shapes[name])) for name in sorted(shapes)})
        self.head = _Head(self._steps[graph.head])
        self._last_use = {name: i for i, n in enumerate(graph.nodes) for name in n.inputs if name}

    def forward(self, images: Tensor) -> Tensor:
        """Return the logits of the images."""
        values: dict[str, Any] = {"x": images, **self._tables}
        for index, (node, step) in enumerate(zip(self.graph.nodes, self._steps, strict=True)):
            inputs = [self._value(name, values) for name in node.inputs]
            found = self.head(*inputs) if index == self.graph.head else step(inputs, images.shape[0])
            outputs = found if isinstance(found, tuple) else (found,)
            values.update(zip(node.outputs, outputs, strict=False))
            for name in node.inputs:  # free values after their last use
                if name and name.startswith("n") and self._last_use[name] == index and name != self.graph.output:
                    values.pop(name, None)
        logits: Tensor = values[self.graph.output]
        return logits

    def _value(self, name: str | None, values: dict[str, Any]) -> Any:
        if name is None:
            return None
        return self.weights[name] if name.startswith("w") else values[name]


class _Step:
    """A node ready to run: its function, and its checked and completed attributes."""

    def __init__(self, node: Node, opset: int) -> None:
        self.name, self._run = node.operator, OPERATORS[node.operator]
        self._attributes = {**SIGNATURES[node.operator].attributes, **node.attributes}
        if "opset" in self._attributes:
            self._attributes["opset"] = opset
        if "outputs" in self._attributes:
            self._attributes["outputs"] = len(node.outputs)

    def __call__(self, inputs: list[Any], batch: int) -> Any:
        attributes = self._attributes
        if attributes.get("batched"):
            attributes = {**attributes, "batch": batch}
        try:
            found = self._run(inputs, attributes)
        except (ValueError, TypeError, IndexError, KeyError, AttributeError) as error:
            raise UnusableTarget(f"{self.name} cannot be computed: {str(error)[:300]}") from error
        for value in found if isinstance(found, tuple) else (found,):
            if value.numel() > LARGEST_VALUE * max(1, batch):
                raise UnusableTarget(f"{self.name} makes a value of {value.numel():,} numbers")
        return found


class _Head(nn.Module):
    """The last layer, as a module, so that a hook can read its first input."""

    def __init__(self, step: _Step) -> None:
        super().__init__()
        self._step = step

    def forward(self, features: Tensor, *more: Tensor) -> Any:
        return self._step([features, *more], features.shape[0])


def _tensor(values: tuple[int, ...], shape: tuple[int, ...], truth: bool) -> Tensor:
    with torch.device("cpu"):
        return torch.tensor(values, dtype=torch.bool if truth else torch.int64).reshape(shape)
