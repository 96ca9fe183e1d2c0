"""ONNX's messages (onnx.proto, IR versions 3 to 13): a model, its graph, nodes, attributes and tensors; what may
hide code, files or loops is refused by name."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import Any, NoReturn

import numpy as np

from worker.intake.onnx.wire import (
    Field,
    WireError,
    as_bytes,
    as_float,
    as_integer,
    as_text,
    floats,
    ignored,
    integers,
    message,
)
from worker.intake.refusal import Refused, shown

MOST_NODES, MOST_TENSORS, MOST_ELEMENTS = 20_000, 20_000, 1_000_000_000
_FLOAT, _INT32, _INT64, _DOUBLE = 1, 6, 7, 11
_DTYPES: dict[int, str] = {
    1: "<f4",
    2: "u1",
    3: "i1",
    4: "<u2",
    5: "<i2",
    6: "<i4",
    7: "<i8",
    9: "?",
    10: "<f2",
    11: "<f8",
}


@dataclass(frozen=True)
class OnnxNode:
    """`attributes`: numbers, texts, lists, or an array."""

    name: str
    operator: str
    inputs: list[str]
    outputs: list[str]
    attributes: dict[str, Any]


@dataclass(frozen=True)
class OnnxValue:
    """An input or output: its element type and shape, None where a dimension is open or has a name."""

    name: str
    element: int
    shape: list[int | None] | None


@dataclass(frozen=True)
class OnnxModel:
    """A graph without branches: nodes, constant tensors, inputs and outputs."""

    opset: int
    producer: str
    nodes: list[OnnxNode]
    tensors: dict[str, np.ndarray]
    inputs: list[OnnxValue]
    outputs: list[OnnxValue]


def read_model(data: bytes) -> OnnxModel:
    """The model.

    Raises: Refused (onnx-structure, onnx-subgraph, onnx-external-data, onnx-operator and others).
    """
    try:
        found = message(memoryview(data), _MODEL, "the model")
        opset = _opset(found["opset_import"])
        if "graph" not in found:
            raise WireError("the model has no graph")
        graph = message(found["graph"], _GRAPH, "the graph")
        if len(graph["node"]) > MOST_NODES or len(graph["initializer"]) > MOST_TENSORS:
            raise refused("onnx-too-large", f"it has more than {MOST_NODES:,} operators or {MOST_TENSORS:,} tensors")
        tensors: dict[str, np.ndarray] = {}
        for view in graph["initializer"]:
            name, array = read_tensor(view)
            if name in tensors:
                raise WireError(f"two tensors are called {shown(name, 60)!r}")
            tensors[name] = array
        nodes = [_node(view) for view in graph["node"]]
        inputs = [value for view in graph["input"] if (value := _value(view)).name not in tensors]
        outputs = [_value(view) for view in graph["output"]]
    except WireError as error:
        raise refused("onnx-structure", f"{error}") from None
    return OnnxModel(opset, found.get("producer_name", ""), nodes, tensors, inputs, outputs)


def refused(code: str, what: str, remedy: str = "") -> Refused:
    """A refusal of the model as such."""
    advice = remedy or (
        "Export it again in one file: torch.onnx.export(model.eval(), images, 'model.onnx', external_data=False);"
        " or upload the weights as safetensors."
    )
    return Refused(code, f"This ONNX model is not taken: {what}. {advice}", [{"detail": shown(what, 500)}])


def _never(code: str, what: str, remedy: str, wire: int, value: Any) -> NoReturn:
    raise refused(code, what, remedy)


def _forbidden(name: str, code: str, what: str, remedy: str = "") -> Field:
    return name, True, partial(_never, code, what, remedy)


_NO_LOOPS = "Export the model so that it neither loops nor branches: torch.onnx.export(model.eval(), ...) does so."
_SUBGRAPH = "it has a graph inside an operator (If, Loop, Scan), which could run without end"
_ONE_FILE = (
    "Put the weights into the file: torch.onnx.export(..., external_data=False), or"
    " onnx.save(onnx.load('model.onnx'), 'one-file.onnx')."
)
_MODEL: dict[int, Field] = {
    1: ("ir_version", False, as_integer),
    2: ("producer_name", False, as_text),
    3: ("producer_version", False, as_text),
    4: ("domain", False, as_text),
    5: ("model_version", False, as_integer),
    6: ("doc_string", False, ignored),
    7: ("graph", False, as_bytes),
    8: ("opset_import", True, as_bytes),
    14: ("metadata_props", True, ignored),
    20: _forbidden("training_info", "onnx-training", "it holds training information"),
    25: _forbidden("functions", "onnx-functions", "it defines operators of its own", "Inline its functions."),
}
_OPSET: dict[int, Field] = {1: ("domain", False, as_text), 2: ("version", False, as_integer)}
_GRAPH: dict[int, Field] = {
    1: ("node", True, as_bytes),
    2: ("name", False, as_text),
    5: ("initializer", True, as_bytes),
    10: ("doc_string", False, ignored),
    11: ("input", True, as_bytes),
    12: ("output", True, as_bytes),
    13: ("value_info", True, ignored),
    14: ("quantization_annotation", True, ignored),
    15: _forbidden("sparse_initializer", "onnx-sparse", "it holds sparse tensors"),
    16: ("metadata_props", True, ignored),
}
_NODE: dict[int, Field] = {
    1: ("input", True, as_text),
    2: ("output", True, as_text),
    3: ("name", False, as_text),
    4: ("op_type", False, as_text),
    5: ("attribute", True, as_bytes),
    6: ("doc_string", False, ignored),
    7: ("domain", False, as_text),
    8: ("overload", False, as_text),
    9: ("metadata_props", True, ignored),
    10: ("device_configurations", True, ignored),
}
_ATTRIBUTE: dict[int, Field] = {
    1: ("name", False, as_text),
    2: ("f", False, as_float),
    3: ("i", False, as_integer),
    4: ("s", False, as_text),
    5: ("t", False, as_bytes),
    6: _forbidden("g", "onnx-subgraph", _SUBGRAPH, _NO_LOOPS),
    7: ("floats", True, floats),
    8: ("ints", True, integers),
    9: ("strings", True, as_text),
    10: _forbidden("tensors", "onnx-structure", "an attribute is a list of tensors"),
    11: _forbidden("graphs", "onnx-subgraph", _SUBGRAPH, _NO_LOOPS),
    13: ("doc_string", False, ignored),
    20: ("type", False, as_integer),
    21: _forbidden("ref_attr_name", "onnx-functions", "an attribute refers to a function's"),
}
_TENSOR: dict[int, Field] = {
    1: ("dims", True, integers),
    2: ("data_type", False, as_integer),
    4: ("float_data", True, as_bytes),
    5: ("int32_data", True, integers),
    7: ("int64_data", True, integers),
    8: ("name", False, as_text),
    9: ("raw_data", False, as_bytes),
    10: ("double_data", True, as_bytes),
    12: ("doc_string", False, ignored),
    13: _forbidden("external_data", "onnx-external-data", "its weights lie in another file", _ONE_FILE),
    14: ("data_location", False, as_integer),
    16: ("metadata_props", True, ignored),
}
_VALUE: dict[int, Field] = {
    1: ("name", False, as_text),
    2: ("type", False, as_bytes),
    3: ("doc_string", False, ignored),
    4: ("metadata_props", True, ignored),
}
_TYPE: dict[int, Field] = {1: ("tensor_type", False, as_bytes), 6: ("denotation", False, ignored)}
_TENSOR_TYPE: dict[int, Field] = {1: ("elem_type", False, as_integer), 2: ("shape", False, as_bytes)}
_SHAPE: dict[int, Field] = {1: ("dim", True, as_bytes)}
_DIMENSION: dict[int, Field] = {
    1: ("dim_value", False, as_integer),
    2: ("dim_param", False, ignored),
    3: ("denotation", False, ignored),
}


def _opset(imports: list[memoryview]) -> int:
    """The version of ONNX's own operators. Others may be imported, but not used."""
    versions = [
        entry.get("version", 0)
        for view in imports
        if (entry := message(view, _OPSET, "an operator set")).get("domain", "") in ("", "ai.onnx")
    ]
    if len(versions) != 1 or not 7 <= versions[0] <= 26:
        raise refused("onnx-version", f"it uses the operator sets {versions}; taken are versions 7 to 26")
    return int(versions[0])


def _node(view: memoryview) -> OnnxNode:
    found = message(view, _NODE, "an operator")
    operator, domain = found.get("op_type", ""), found.get("domain", "")
    if domain not in ("", "ai.onnx"):
        raise refused("onnx-operator", f"the operator {shown(f'{domain}.{operator}', 80)!r} is no standard one")
    attributes: dict[str, Any] = {}
    for inner in found["attribute"]:
        name, value = _attribute(inner)
        if name in attributes:
            raise WireError(f"{shown(operator, 40)} has two attributes {shown(name, 40)!r}")
        attributes[name] = value
    return OnnxNode(found.get("name", ""), operator, found["input"], found["output"], attributes)


def _attribute(view: memoryview) -> tuple[str, Any]:
    found = message(view, _ATTRIBUTE, "an attribute")
    kinds = {1: "f", 2: "i", 3: "s", 4: "t", 6: "floats", 7: "ints", 8: "strings"}
    kind = kinds.get(found.get("type", 0))
    if kind is None:
        raise WireError(f"the attribute {shown(found.get('name', ''), 40)!r} has no type")
    empty: dict[str, Any] = {"f": 0.0, "i": 0, "s": ""}
    value = found.get(kind, empty.get(kind))
    if kind == "t":
        if value is None:
            raise WireError("an attribute lacks its tensor")
        value = read_tensor(value)[1]
    return found.get("name", ""), value


def read_tensor(view: memoryview) -> tuple[str, np.ndarray]:
    """Name and array; nothing is taken on the word of the dimensions."""
    found = message(view, _TENSOR, "a tensor")
    name, kind, dims = found.get("name", ""), found.get("data_type", 0), tuple(found["dims"])
    if found.get("data_location", 0) != 0:
        raise refused("onnx-external-data", "its weights lie in another file", _ONE_FILE)
    if len(dims) > 8 or any(not 0 <= d < 2**40 for d in dims) or math.prod(dims) > MOST_ELEMENTS:
        raise WireError(f"the tensor {shown(name, 60)!r} has impossible dimensions")
    if kind not in (*_DTYPES, 16):
        raise refused("onnx-type", f"the tensor {shown(name, 60)!r} has the type {kind}, which is not taken")
    array = _bfloat16(found) if kind == 16 else _array(found, kind)
    if array.size != math.prod(dims):
        raise WireError(f"the tensor {shown(name, 60)!r} has {array.size} numbers, its dimensions say {list(dims)}")
    return name, array.reshape(dims)


def _array(found: dict[str, Any], kind: int) -> np.ndarray:
    dtype = np.dtype(_DTYPES[kind])
    sources = [k for k in ("raw_data", "float_data", "int32_data", "int64_data", "double_data") if found.get(k)]
    if len(sources) > 1:
        raise WireError("a tensor has its numbers twice")
    if not sources:
        return np.empty(0, dtype)
    source, value = sources[0], found[sources[0]]
    if source == "raw_data":
        if len(value) % dtype.itemsize:
            raise WireError("a tensor is cut off")
        return np.frombuffer(value, dtype)
    expected = {_FLOAT: "float_data", _INT64: "int64_data", _DOUBLE: "double_data"}.get(kind, "int32_data")
    if source != expected:
        raise WireError("a tensor has its numbers in another field than its type's")
    if source in ("float_data", "double_data"):
        packed = b"".join(value)
        if len(packed) % dtype.itemsize:
            raise WireError("a tensor is cut off")
        return np.frombuffer(packed, dtype)
    whole = np.array(value, np.int64)
    return whole.astype(np.uint16).view("<f2") if kind == 10 else whole.astype(dtype)


def _bfloat16(found: dict[str, Any]) -> np.ndarray:
    """As float32, whose upper half it is."""
    raw = _array({**found}, 4) if found.get("raw_data") else np.array(found["int32_data"], np.int64).astype(np.uint16)
    return (raw.astype(np.uint32) << 16).view("<f4")


def _value(view: memoryview) -> OnnxValue:
    found = message(view, _VALUE, "an input or output")
    name = found.get("name", "")
    kind = message(found.get("type", memoryview(b"")), _TYPE, "a type")
    if "tensor_type" not in kind:
        raise refused("onnx-input", f"{shown(name, 60)!r} is no tensor")
    tensor = message(kind["tensor_type"], _TENSOR_TYPE, "a tensor's type")
    shape = None
    if "shape" in tensor:
        dims = [message(d, _DIMENSION, "a dimension") for d in message(tensor["shape"], _SHAPE, "a shape")["dim"]]
        shape = [d["dim_value"] if d.get("dim_value", 0) > 0 else None for d in dims]
    return OnnxValue(name, tensor.get("elem_type", 0), shape)
