"""Writes a feed-forward network as an ONNX file, node by node."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPERATOR_SET, IR_VERSION = 17, 8


class Network:
    """An ONNX graph from `image` (batch, C, H, W), RGB in [0, 1], to `embedding` (batch, d).

    `add` appends a node and returns the name of its output; `constant` returns that of an array.
    """

    def __init__(self, shape: tuple[int, int, int]) -> None:
        self.shape = shape
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def constant(self, value: np.ndarray) -> str:
        """Add an array."""
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def add(self, operator: str, *inputs: str, **attributes: Any) -> str:
        """Append a node."""
        name = f"n{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [name], **attributes))
        return name

    def per_channel(self, operator: str, x: str, values: np.ndarray) -> str:
        """Append an arithmetic node with one number per channel (C,)."""
        return self.add(operator, x, self.constant(np.asarray(values, np.float32).reshape(1, -1, 1, 1)))

    def to_bytes(self, output: str, dim: int) -> bytes:
        """Return the file, whose output `output` has `dim` numbers per image."""
        self.nodes.append(helper.make_node("Identity", [output], ["embedding"]))
        graph = helper.make_graph(
            self.nodes,
            "embedder",
            [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", *self.shape])],
            [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["batch", dim])],
            self.constants,
        )
        made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPERATOR_SET)], producer_name="exhume")
        made.ir_version = IR_VERSION
        onnx.checker.check_model(made)
        return bytes(made.SerializeToString())
