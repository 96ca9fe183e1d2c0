"""In the sandbox: an ONNX classifier becomes a safetensors file of its weights with a strict graph in its metadata."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

from worker.intake.converting import CONVERTED
from worker.intake.onnx.agreement import Reference, agree, check_batches
from worker.intake.onnx.model import OnnxModel
from worker.intake.onnx.planning import Plan
from worker.intake.onnx.schema import refused
from worker.intake.refusal import Refused, shown
from worker.inversion.errors import EngineError, InvalidConvention
from worker.inversion.graph import METADATA_KEY, write_graph
from worker.inversion.targets import InputConvention
from worker.inversion.targets.graph import GraphNetwork


def convert_planned(plan: Plan, model: OnnxModel, data: bytes, work: str, request: dict[str, Any]) -> dict[str, Any]:
    """Build, compare with onnxruntime on random images, write. `data` is what `model` was read from.

    Raises: Refused.
    """
    try:
        convention = InputConvention.from_dict(request["convention"])
    except InvalidConvention as error:
        raise Refused("invalid-convention", f"{shown(error, 2000)}.") from None
    graph, names = plan.built.graph, plan.built.names
    state = {f"weights.{name}": torch.from_numpy(array) for name, array in plan.weights.items()}
    network = _network(plan, state)
    if plan.single:
        check_batches(network, convention)
    agree(network, Reference(data, plan.images, plan.built.output, plan.single), convention)
    save_file(state, Path(work) / CONVERTED, metadata={METADATA_KEY: write_graph(graph)})
    return {
        "producer": shown(model.producer, 100),
        "opset": model.opset,
        "operators": sorted({node.operator for node in graph.nodes}),
        "key_map": {shown(old, 512): f"weights.{new}" for old, new in names.items()},
    }


def _network(plan: Plan, state: dict[str, torch.Tensor]) -> GraphNetwork:
    try:
        shapes = {name: array.shape for name, array in plan.weights.items()}
        network = GraphNetwork(plan.built.graph, shapes)
        network.load_state_dict(state)
    except EngineError as error:
        raise refused("onnx-operator", shown(error, 1000)) from None
    return network.eval().requires_grad_(False)
