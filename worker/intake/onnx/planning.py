"""Checks of a model's structure and numbers, in the sandbox, before torch is loaded."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from app.formats.architectures import AUTO
from app.formats.refusal import Refused, shown
from worker.intake.onnx.decisions import with_scores_alone
from worker.intake.onnx.endings import Ending, ending_of
from worker.intake.onnx.first_steps import FirstSteps, first_steps
from worker.intake.onnx.graph_building import Built, build_graph
from worker.intake.onnx.inputs import Images, images_of
from worker.intake.onnx.model import OnnxModel
from worker.intake.onnx.schema import refused
from worker.intake.onnx.simplify import with_constants
from worker.inversion.errors import UnusableTarget
from worker.inversion.graph import ARCHITECTURE, LARGEST_VALUE, Graph, check_nodes

PROBES = 3
"""Number of random images on which the conversion is compared with the model."""


@dataclass(frozen=True)
class Plan:
    """Result of the checks: the graph, finite float32 copies of the weights, and the input.

    `steps` and `ending`: what the graph does before its first and after its last layer, if known.
    """

    built: Built
    weights: dict[str, np.ndarray]
    images: Images
    steps: FirstSteps | None
    ending: Ending | None


def plan(read: OnnxModel, request: dict[str, Any]) -> Plan:
    """Check a model before conversion.

    Raises: Refused (onnx-architecture, onnx-input, onnx-operator, onnx-outputs, hard-outputs,
        class-count, weights-not-finite).
    """
    if request["architecture"] not in (AUTO, ARCHITECTURE):
        raise Refused(
            "onnx-architecture",
            f"An ONNX model has its own graph, but the release names {shown(request['architecture'])!r}. Create the"
            f" release with the architecture {AUTO!r}, or upload the weights as safetensors.",
        )
    model = with_constants(with_scores_alone(read))
    images = images_of(model, request["convention"])
    built = build_graph(model, images, int(request["num_classes"]))
    try:
        check_nodes(built.graph)
    except UnusableTarget as error:
        raise refused("onnx-operator", shown(error, 1000)) from None
    _check_declared_sizes(built.graph)
    weights = {name: _float32(array) for name, array in built.weights.items()}
    if broken := [old for old, new in built.names.items() if not np.isfinite(weights[new]).all()]:
        raise Refused(
            "weights-not-finite",
            f"NaN or infinite values in {len(broken)} tensors: {', '.join(shown(name, 60) for name in broken[:8])}. The"
            " training diverged or the file is damaged. Upload an earlier model.",
        )
    steps = first_steps(built.graph, weights, request["convention"])
    return Plan(built, weights, images, steps, ending_of(built.graph, weights))


def _float32(array: np.ndarray) -> np.ndarray:
    """Convert any float type to float32. Values that are too large become infinite."""
    with np.errstate(over="ignore", invalid="ignore"):
        return np.array(array, np.float32, order="C")


def _check_declared_sizes(graph: Graph) -> None:
    """Reject constant sizes that are too large. Other sizes are checked when the graph runs."""
    for node in graph.nodes:
        tables = [graph.tables.get(name or "") for name in node.inputs]
        numbers = [table.values if table else () for table in tables]
        count = 0
        if node.operator in ("Expand", "Tile", "ConstantOfShape"):
            count = math.prod(max(1, abs(side)) for side in numbers[-1])
        elif node.operator == "Range" and all(len(n) == 1 for n in numbers) and (step := numbers[2][0]):
            count = (numbers[1][0] - numbers[0][0]) // step
        if count > LARGEST_VALUE * PROBES:
            raise refused("onnx-operator", f"{node.operator} makes a tensor of {count:,} numbers")
