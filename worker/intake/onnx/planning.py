"""In the sandbox, before torch is loaded: all that a model's structure and numbers tell, without running any of it."""

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
"""Random images on which the conversion is compared with the model."""


@dataclass(frozen=True)
class Plan:
    """A graph with its weights as float32 in memory of their own, which are finite; its images; how it begins and
    ends, where that is known."""

    built: Built
    weights: dict[str, np.ndarray]
    images: Images
    steps: FirstSteps | None
    ending: Ending | None


def plan(read: OnnxModel, request: dict[str, Any]) -> Plan:
    """What will be converted.

    Raises: Refused (onnx-architecture, onnx-input, onnx-operator, onnx-outputs, hard-outputs, class-count,
        weights-not-finite).
    """
    if request["architecture"] not in (AUTO, ARCHITECTURE):
        raise Refused(
            "onnx-architecture",
            f"An ONNX model brings its own graph, and the release names {shown(request['architecture'])!r}. Create the"
            f" release with the architecture {AUTO!r}, or upload the weights as safetensors.",
        )
    model = with_constants(with_scores_alone(read))
    images = images_of(model, request["convention"])
    built = build_graph(model, images, int(request["num_classes"]))
    try:
        check_nodes(built.graph)
    except UnusableTarget as error:
        raise refused("onnx-operator", shown(error, 1000)) from None
    _check_told_sizes(built.graph)
    weights = {name: _float32(array) for name, array in built.weights.items()}
    if broken := [old for old, new in built.names.items() if not np.isfinite(weights[new]).all()]:
        raise Refused(
            "weights-not-finite",
            f"NaN or infinite values in {len(broken)} tensors: {', '.join(shown(name, 60) for name in broken[:8])}. The"
            " training has diverged, or the file is damaged; upload a model from before that.",
        )
    steps = first_steps(built.graph, weights, request["convention"])
    return Plan(built, weights, images, steps, ending_of(built.graph, weights))


def _float32(array: np.ndarray) -> np.ndarray:
    """Every kind of float; what is too large becomes infinite."""
    with np.errstate(over="ignore", invalid="ignore"):
        return np.array(array, np.float32, order="C")


def _check_told_sizes(graph: Graph) -> None:
    """Sizes that the file itself names and that no run on the probes would allow; all others are bounded in the run."""
    for node in graph.nodes:
        tables = [graph.tables.get(name or "") for name in node.inputs]
        numbers = [table.values if table else () for table in tables]
        count = 0
        if node.operator in ("Expand", "Tile", "ConstantOfShape"):
            count = math.prod(max(1, abs(side)) for side in numbers[-1])
        elif node.operator == "Range" and all(len(n) == 1 for n in numbers) and (step := numbers[2][0]):
            count = (numbers[1][0] - numbers[0][0]) // step
        if count > LARGEST_VALUE * PROBES:
            raise refused("onnx-operator", f"{node.operator} makes a value of {count:,} numbers")
