"""Folding of constants before a model is converted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from app.formats.recipes import EXPORT
from app.formats.refusal import Refused, shown
from worker.intake.onnx.model import OnnxModel, OnnxNode


def with_constants(model: OnnxModel) -> OnnxModel:
    """Replace Constant nodes by tensors, and Identity of a tensor by another name for it.

    Raises: Refused.
    """
    tensors, nodes = dict(model.tensors), []
    for node in model.nodes:
        if node.operator == "Constant" and len(node.outputs) == 1:
            tensors[node.outputs[0]] = _constant(node)
        elif node.operator == "Identity" and node.inputs and node.inputs[0] in tensors:
            tensors[node.outputs[0]] = tensors[node.inputs[0]]
        else:
            nodes.append(node)
    return replace(model, nodes=nodes, tensors=tensors)


def _constant(node: OnnxNode) -> np.ndarray:
    match node.attributes:
        case {"value": np.ndarray() as value}:
            return value
        case {"value_float": float(number)}:
            return np.array(number, np.float32)
        case {"value_int": int(number)}:
            return np.array(number, np.int64)
        case {"value_floats": list(numbers)}:
            return np.array(numbers, np.float32)
        case {"value_ints": list(numbers)}:
            return np.array(numbers, np.int64)
    raise Refused(
        "onnx-operator",
        f"The ONNX model was rejected: the constant {shown(node.name, 80)!r} is not a number or tensor. {EXPORT}",
    )
