"""Conversion, in the sandbox, of an ONNX classifier to safetensors with a graph as metadata."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

from app.formats.refusal import Refused, shown
from app.formats.stated_classes import as_metadata, stated_orders
from worker.intake.converting import CONVERTED
from worker.intake.onnx.agreement import Reference, agree, check_batches, probes
from worker.intake.onnx.cutting import cut
from worker.intake.onnx.first_steps import FirstSteps
from worker.intake.onnx.model import OnnxModel
from worker.intake.onnx.planning import Plan
from worker.intake.onnx.schema import refused
from worker.inversion.errors import EngineError, InvalidConvention
from worker.inversion.graph import METADATA_KEY, Graph, write_graph
from worker.inversion.targets import InputConvention
from worker.inversion.targets.graph import GraphNetwork


def convert_planned(plan: Plan, model: OnnxModel, data: bytes, work: str, request: dict[str, Any]) -> dict[str, Any]:
    """Build the network, compare it with onnxruntime, and write it. `data`: the bytes of `model`.

    Raises: Refused.
    """
    try:
        convention = InputConvention.from_dict(request["convention"])
    except InvalidConvention as error:
        raise Refused("invalid-convention", f"{shown(error, 2000)}.") from None
    state = {f"weights.{name}": torch.from_numpy(array) for name, array in plan.weights.items()}
    network = _network(plan.built.graph, state)
    if plan.images.single:
        check_batches(network, convention)
    agree(network, Reference(data, plan.images, plan.built.output), convention)
    kept = cut(network, plan.ending, lambda graph: _network(graph, state), convention, probes(convention))
    weights = {name: state[name] for name in _names(kept.graph)}
    metadata = {METADATA_KEY: write_graph(kept.graph), **as_metadata(stated_orders(model.metadata))}
    save_file(weights, Path(work) / CONVERTED, metadata=metadata)
    return {
        "producer": shown(model.producer, 100),
        "opset": model.opset,
        "operators": sorted({node.operator for node in kept.graph.nodes}),
        "key_map": {
            shown(old, 512): f"weights.{new}" for old, new in plan.built.names.items() if f"weights.{new}" in weights
        },
        "left_out": list(kept.activations),
        "scale": kept.scale,
        "channels_last": plan.images.channels_last,
        "first_steps": _described(plan.steps),
    }


def _described(steps: FirstSteps | None) -> dict[str, Any] | None:
    if steps is None:
        return None
    name, seen = steps.suggested or (None, (0.0, 0.0))
    return {"seen": list(steps.seen), "suggested": name, "then_seen": list(seen)}


def _names(graph: Graph) -> list[str]:
    return [f"weights.{name}" for name in sorted(graph.weights)]


def _network(graph: Graph, state: dict[str, torch.Tensor]) -> GraphNetwork:
    try:
        part = {name: state[name] for name in _names(graph)}
        network = GraphNetwork(graph, {name.removeprefix("weights."): tuple(part[name].shape) for name in part})
        network.load_state_dict(part)
    except EngineError as error:
        raise refused("onnx-operator", shown(error, 1000)) from None
    return network.eval().requires_grad_(False)
