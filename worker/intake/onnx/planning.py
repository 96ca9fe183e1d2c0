"""In the sandbox, before torch is loaded: all that a model's structure and numbers tell, without running any of it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from worker.detection import AUTO
from worker.intake.onnx.decisions import with_scores_alone
from worker.intake.onnx.endings import Ending, ending_of
from worker.intake.onnx.graph_building import Built, build_graph
from worker.intake.onnx.model import OnnxModel, OnnxValue
from worker.intake.onnx.schema import refused
from worker.intake.onnx.simplify import with_constants
from worker.intake.refusal import Refused, shown
from worker.inversion.errors import UnusableTarget
from worker.inversion.graph import ARCHITECTURE, LARGEST_VALUE, Graph, check_nodes

PROBES = 3
"""Random images on which the conversion is compared with the model."""
_FLOATS = {1, 10, 11, 16}


@dataclass(frozen=True)
class Plan:
    """A graph with its weights as float32 in memory of their own, which are finite; how it ends, where that is known;
    the model's name of the images, and whether it takes one at a time."""

    built: Built
    weights: dict[str, np.ndarray]
    ending: Ending | None
    images: str
    single: bool


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
    images = _images(model, request["convention"])
    single = bool(images.shape and images.shape[0] == 1)
    built = build_graph(model, images.name, int(request["num_classes"]), fixed=single)
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
    return Plan(built, weights, ending_of(built.graph, weights), images.name, single)


def _float32(array: np.ndarray) -> np.ndarray:
    """Every kind of float; what is too large becomes infinite."""
    with np.errstate(over="ignore", invalid="ignore"):
        return np.array(array, np.float32, order="C")


def _images(model: OnnxModel, convention: dict[str, Any]) -> OnnxValue:
    """The one input, which has to be the images that the convention describes; whether that itself is sound is told
    when it is used.

    Raises: Refused (onnx-input).
    """
    if len(model.inputs) != 1:
        names = ", ".join(shown(v.name, 60) for v in model.inputs[:8])
        raise refused("onnx-input", f"it has {len(model.inputs)} inputs ({names}), and must have the images alone")
    images = model.inputs[0]
    if images.element not in _FLOATS:
        raise refused("onnx-input", "its images are no floats")
    wanted = [convention.get(name) for name in ("channels", "height", "width")]
    if images.shape is not None:
        if len(images.shape) != 4:
            raise refused("onnx-input", f"its input has {len(images.shape)} dimensions, images have four (N, C, H, W)")
        sides = [(have, want) for have, want in zip(images.shape[1:], wanted, strict=True) if type(want) is int]
        if any(have not in (None, want) for have, want in sides):
            raise refused(
                "onnx-input",
                f"it takes images of {images.shape[1:]} (C, H, W), the release's convention says {wanted}",
                "Create the release with the convention of the model; images have to be (N, C, H, W).",
            )
        if images.shape[0] not in (None, 1):
            raise refused(
                "onnx-input",
                f"it takes {images.shape[0]} images at once",
                "Export it for any number: torch.onnx.export(..., dynamic_axes={'input': {0: 'batch'}}).",
            )
    return images


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
