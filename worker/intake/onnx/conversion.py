"""In the sandbox: an ONNX classifier becomes a safetensors file of its weights with a strict graph in its metadata."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file

from worker.detection import AUTO
from worker.intake.converting import CONVERTED
from worker.intake.onnx.agreement import Reference, agree, check_batches
from worker.intake.onnx.graph_building import Built, build_graph
from worker.intake.onnx.model import OnnxModel, OnnxValue
from worker.intake.onnx.schema import refused
from worker.intake.onnx.simplify import with_constants
from worker.intake.refusal import Refused, shown
from worker.inversion.errors import EngineError, InvalidConvention
from worker.inversion.targets import InputConvention
from worker.inversion.targets.graph import ARCHITECTURE, METADATA_KEY, GraphNetwork, write_graph

_FLOATS = {1, 10, 11, 16}


def convert_model(read: OnnxModel, data: bytes, work: str, request: dict[str, Any]) -> dict[str, Any]:
    """Build, compare with onnxruntime on random images, write. `data` is what `read` was read from.

    Raises: Refused.
    """
    if request["architecture"] not in (AUTO, ARCHITECTURE):
        raise Refused(
            "onnx-architecture",
            f"An ONNX model brings its own graph, and the release names {shown(request['architecture'])!r}. Create the"
            f" release with the architecture {AUTO!r}, or upload the weights as safetensors.",
        )
    model = with_constants(read)
    try:
        convention = InputConvention.from_dict(request["convention"])
    except InvalidConvention as error:
        raise Refused("invalid-convention", f"{shown(error, 2000)}.") from None
    images = _images(model, convention)
    single = bool(images.shape and images.shape[0] == 1)
    built = build_graph(model, images.name, int(request["num_classes"]), fixed=single)
    state = {f"weights.{name}": _tensor(array) for name, array in built.weights.items()}
    if broken := [old for old, new in built.names.items() if not state[f"weights.{new}"].isfinite().all()]:
        raise Refused(
            "weights-not-finite",
            f"NaN or infinite values in {len(broken)} tensors: {', '.join(shown(name, 60) for name in broken[:8])}. The"
            " training has diverged, or the file is damaged; upload a model from before that.",
        )
    network = _network(built, state)
    if single:
        check_batches(network, convention)
    agree(network, Reference(data, images.name, built.output, single), convention)
    save_file(state, Path(work) / CONVERTED, metadata={METADATA_KEY: write_graph(built.graph)})
    return {
        "producer": shown(model.producer, 100),
        "opset": model.opset,
        "operators": sorted({node.operator for node in built.graph.nodes}),
        "key_map": {shown(old, 512): f"weights.{new}" for old, new in built.names.items()},
    }


def _tensor(array: np.ndarray) -> torch.Tensor:
    """Every kind of float as float32, with memory of its own."""
    return torch.from_numpy(np.array(array, np.float32, order="C"))


def _network(built: Built, state: dict[str, torch.Tensor]) -> GraphNetwork:
    try:
        shapes = {name.removeprefix("weights."): tuple(value.shape) for name, value in state.items()}
        network = GraphNetwork(built.graph, shapes)
        network.load_state_dict(state)
    except EngineError as error:
        raise refused("onnx-operator", shown(error, 1000)) from None
    return network.eval().requires_grad_(False)


def _images(model: OnnxModel, convention: InputConvention) -> OnnxValue:
    """The one input, which has to be the images that the convention describes.

    Raises: Refused (onnx-input).
    """
    if len(model.inputs) != 1:
        names = ", ".join(shown(v.name, 60) for v in model.inputs[:8])
        raise refused("onnx-input", f"it has {len(model.inputs)} inputs ({names}), and must have the images alone")
    images = model.inputs[0]
    if images.element not in _FLOATS:
        raise refused("onnx-input", "its images are no floats")
    wanted = [convention.channels, convention.height, convention.width]
    if images.shape is not None:
        if len(images.shape) != 4:
            raise refused("onnx-input", f"its input has {len(images.shape)} dimensions, images have four (N, C, H, W)")
        if any(have not in (None, want) for have, want in zip(images.shape[1:], wanted, strict=True)):
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
