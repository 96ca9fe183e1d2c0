"""Reader for ONNX models: one flat graph of standard operators, with all numbers in the file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from app.formats.literals import LONGEST
from app.formats.recipes import EXPORT
from app.formats.refusal import shown
from app.formats.stated_classes import CONTAINERS, KEYS
from worker.intake.onnx import schema
from worker.intake.onnx.schema import refused
from worker.intake.onnx.tensors import read_tensor
from worker.intake.onnx.wire import Reader, TooManyFieldsError, WireError

MOST_NODES, MOST_TENSORS = 20_000, 20_000
IR_VERSIONS, OPSETS = range(3, 14), range(7, 27)
_FEWER = f"Export it again, which keeps large tensors as raw data. {EXPORT}"
_STANDARD = ("", "ai.onnx")


@dataclass(frozen=True)
class OnnxNode:
    """An operator. `attributes`: numbers, strings, lists, or an array."""

    name: str
    operator: str
    inputs: list[str]
    outputs: list[str]
    attributes: dict[str, Any]


@dataclass(frozen=True)
class OnnxValue:
    """An input or output: element type (1: float32) and shape. Sides without a number are None."""

    name: str
    element: int
    shape: list[int | None] | None


@dataclass(frozen=True)
class OnnxModel:
    """A graph without branches.

    `inputs` leaves out those that are constants. `metadata` has the keys that may state the order
    of classes.
    """

    ir_version: int
    opset: int
    producer: str
    nodes: list[OnnxNode]
    tensors: dict[str, np.ndarray]
    inputs: list[OnnxValue]
    outputs: list[OnnxValue]
    metadata: dict[str, str]


def read_model(data: bytes) -> OnnxModel:
    """Read a model. Arrays are views into `data` where possible.

    Raises: Refused (onnx-structure, onnx-subgraph, onnx-external-data, onnx-operator,
        onnx-too-large and others).
    """
    try:
        return _model(Reader(), memoryview(data))
    except WireError as error:
        raise refused("onnx-structure", f"{error}") from None
    except TooManyFieldsError:
        raise refused("onnx-too-large", "it has more fields than the limit", _FEWER) from None


def _model(reader: Reader, data: memoryview) -> OnnxModel:
    found = reader.message(data, schema.MODEL, "the model")
    ir_version, opset = found.get("ir_version", 0), _opset(reader, found["opset_import"])
    if ir_version not in IR_VERSIONS:
        raise refused(
            "onnx-version",
            f"it has the format version {ir_version}, not {IR_VERSIONS[0]} to {IR_VERSIONS[-1]}",
        )
    if "graph" not in found:
        raise WireError("the model has no graph")
    graph = reader.message(found["graph"], schema.GRAPH, "the graph")
    if len(graph["node"]) > MOST_NODES or len(graph["initializer"]) > MOST_TENSORS:
        raise refused("onnx-too-large", f"it has more than {MOST_NODES:,} operators or {MOST_TENSORS:,} tensors")
    tensors: dict[str, np.ndarray] = {}
    for view in graph["initializer"]:
        name, array = read_tensor(reader, view)
        if name in tensors:
            raise WireError(f"two tensors have the name {shown(name, 60)!r}")
        tensors[name] = array
    nodes = [_node(reader, view) for view in graph["node"]]
    inputs = [value for view in graph["input"] if (value := _value(reader, view)).name not in tensors]
    outputs = [_value(reader, view) for view in graph["output"]]
    metadata = _metadata(reader, found["metadata_props"])
    model = OnnxModel(ir_version, opset, found.get("producer_name", ""), nodes, tensors, inputs, outputs, metadata)
    _check_wiring(model)
    return model


def _metadata(reader: Reader, entries: list[memoryview]) -> dict[str, str]:
    """Return the metadata under keys that may list classes. Others can be long."""
    found: dict[str, str] = {}
    for view in entries:
        entry = reader.message(view, schema.PROPERTY, "an entry of the metadata")
        key, value = (bytes(entry.get(side, b"")[: LONGEST + 1]) for side in ("key", "value"))
        name = key.decode("ascii", "replace")
        if name not in (*KEYS, *CONTAINERS) or len(value) > LONGEST:
            continue
        if name in found:
            raise WireError(f"its metadata has two of {name!r}")
        found[name] = value.decode("utf-8", "replace")
    return found


def _opset(reader: Reader, imports: list[memoryview]) -> int:
    """Return the version of the standard operators. Other sets may be imported, but not used."""
    versions = [
        entry.get("version", 0)
        for view in imports
        if (entry := reader.message(view, schema.OPSET, "an operator set")).get("domain", "") in _STANDARD
    ]
    if len(versions) != 1 or versions[0] not in OPSETS:
        raise refused(
            "onnx-version",
            f"it uses the operator sets {versions[:8]}, but must use one of version {OPSETS[0]} to {OPSETS[-1]}",
            "Export it with opset_version=18.",
        )
    return int(versions[0])


def _node(reader: Reader, view: memoryview) -> OnnxNode:
    found = reader.message(view, schema.NODE, "an operator")
    operator, domain = found.get("op_type", ""), found.get("domain", "")
    if domain not in _STANDARD:
        raise refused("onnx-operator", f"the operator {shown(f'{domain}.{operator}', 80)!r} is not a standard operator")
    attributes: dict[str, Any] = {}
    for inner in found["attribute"]:
        name, value = _attribute(reader, inner)
        if name in attributes:
            raise WireError(f"{shown(operator, 40)} has two attributes {shown(name, 40)!r}")
        attributes[name] = value
    return OnnxNode(found.get("name", ""), operator, found["input"], found["output"], attributes)


def _attribute(reader: Reader, view: memoryview) -> tuple[str, Any]:
    found = reader.message(view, schema.ATTRIBUTE, "an attribute")
    kinds = {1: "f", 2: "i", 3: "s", 4: "t", 6: "floats", 7: "ints", 8: "strings"}
    kind = kinds.get(found.get("type", 0))
    if kind is None:
        raise WireError(f"the attribute {shown(found.get('name', ''), 40)!r} has no type")
    empty: dict[str, Any] = {"f": 0.0, "i": 0, "s": ""}
    value = found.get(kind, empty.get(kind))
    if kind == "t":
        if value is None:
            raise WireError("an attribute lacks its tensor")
        value = read_tensor(reader, value)[1]
    return found.get("name", ""), value


def _value(reader: Reader, view: memoryview) -> OnnxValue:
    found = reader.message(view, schema.VALUE, "an input or output")
    name = found.get("name", "")
    kind = reader.message(found.get("type", memoryview(b"")), schema.TYPE, "a type")
    if "tensor_type" not in kind:
        raise refused("onnx-input", f"{shown(name, 60)!r} is not a tensor")
    tensor = reader.message(kind["tensor_type"], schema.TENSOR_TYPE, "a tensor's type")
    shape = None
    if "shape" in tensor:
        dims = reader.message(tensor["shape"], schema.SHAPE, "a shape")["dim"]
        sides = [reader.message(dim, schema.DIMENSION, "a dimension") for dim in dims]
        shape = [side["dim_value"] if side.get("dim_value", 0) > 0 else None for side in sides]
    return OnnxValue(name, tensor.get("elem_type", 0), shape)


def _check_wiring(model: OnnxModel) -> None:
    """Check that every value is computed once, before it is read, so that there are no cycles."""
    known = {"", *model.tensors, *(value.name for value in model.inputs)}
    for node in model.nodes:
        if missing := [name for name in node.inputs if name not in known]:
            raise WireError(f"{shown(node.operator, 60)} reads {shown(missing[0], 60)!r} before it is computed")
        for name in filter(None, node.outputs):
            if name in known:
                raise WireError(f"{shown(name, 60)!r} is computed twice")
            known.add(name)
    if unmade := [value.name for value in model.outputs if value.name not in known]:
        raise WireError(f"its output {shown(unmade[0], 60)!r} is not computed")
