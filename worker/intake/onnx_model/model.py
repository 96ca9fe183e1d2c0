"""An ONNX ModelProto as far as its structure goes (onnx.proto3 of ONNX 1.19); tensors stay bytes in the file."""

from __future__ import annotations

from dataclasses import dataclass

from worker.intake.onnx_model.wire import Message, broken, integer, integers, parts, read_message, text, texts

NAME_BYTES = 1024
_MODEL = {
    1: "ir_version", 2: "producer_name", 3: "producer_version", 4: "domain", 5: "model_version", 6: "doc_string",
    7: "graph", 8: "opset_import", 14: "metadata_props", 20: "training_info", 25: "functions", 26: "configuration",
}  # fmt: skip
_GRAPH = {
    1: "node", 2: "name", 5: "initializer", 10: "doc_string", 11: "input", 12: "output", 13: "value_info",
    14: "quantization_annotation", 15: "sparse_initializer", 16: "metadata_props",
}  # fmt: skip
_NODE = {
    1: "input", 2: "output", 3: "name", 4: "op_type", 5: "attribute", 6: "doc_string", 7: "domain", 8: "overload",
    9: "metadata_props", 10: "device_configurations",
}  # fmt: skip
_ATTRIBUTE = {
    1: "name", 2: "f", 3: "i", 4: "s", 5: "t", 6: "g", 7: "floats", 8: "ints", 9: "strings", 10: "tensors",
    11: "graphs", 13: "doc_string", 14: "tp", 15: "type_protos", 20: "type", 21: "ref_attr_name",
    22: "sparse_tensor", 23: "sparse_tensors",
}  # fmt: skip
_TENSOR = {
    1: "dims", 2: "data_type", 3: "segment", 4: "float_data", 5: "int32_data", 6: "string_data", 7: "int64_data",
    8: "name", 9: "raw_data", 10: "double_data", 11: "uint64_data", 12: "doc_string", 13: "external_data",
    14: "data_location", 16: "metadata_props",
}  # fmt: skip
_VALUE = {1: "name", 2: "type", 3: "doc_string", 4: "metadata_props"}
_TYPE = {1: "tensor_type", 4: "sequence_type", 5: "map_type", 6: "denotation", 8: "sparse_tensor_type", 9: "optional"}
_REPEATED = frozenset(
    {
        *("opset_import", "metadata_props", "training_info", "functions", "configuration", "node", "initializer"),
        *("input", "output", "value_info", "quantization_annotation", "sparse_initializer", "attribute", "floats"),
        *("ints", "strings", "tensors", "graphs", "type_protos", "sparse_tensors", "dims", "float_data", "int32_data"),
        *("string_data", "int64_data", "double_data", "uint64_data", "external_data", "dim", "device_configurations"),
    }
)


@dataclass(frozen=True)
class Tensor:
    """A constant. `raw` counts the bytes of its numbers where they lie in one piece; `external`: in another file."""

    name: str
    dims: tuple[int, ...]
    data_type: int
    raw: int | None
    external: bool


@dataclass(frozen=True)
class Node:
    """One operator with what it reads and writes; `subgraphs` counts graphs among its attributes."""

    op_type: str
    domain: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    tensors: tuple[Tensor, ...]
    subgraphs: int
    unusual: tuple[str, ...]


@dataclass(frozen=True)
class Value:
    """An input or output: element type (1 is float32), and its shape; None where a side is not fixed."""

    name: str
    elem_type: int
    shape: tuple[int | None, ...] | None


@dataclass(frozen=True)
class Model:
    """What the file declares."""

    ir_version: int
    opsets: dict[str, int]
    producer: str
    functions: int
    training: int
    nodes: tuple[Node, ...]
    initializers: tuple[Tensor, ...]
    inputs: tuple[Value, ...]
    outputs: tuple[Value, ...]
    sparse: int


def read_model(data: memoryview) -> Model:
    """Read the structure of a serialised ModelProto. Raises: Refused (onnx-broken)."""
    model = _read(data, _MODEL, "the model")
    opsets = {}
    for part in parts(model, "opset_import"):
        entry = _read(part, {1: "domain", 2: "version"}, "an opset")
        domain = text(entry, "domain", NAME_BYTES)
        if domain in opsets:
            raise broken(f"it imports the operator set {domain!r} twice")
        opsets[domain] = integer(entry, "version")
    graphs = parts(model, "graph")
    if not graphs:
        raise broken("it has no graph")
    graph = _read(graphs[0], _GRAPH, "the graph")
    return Model(
        ir_version=integer(model, "ir_version"),
        opsets=opsets,
        producer=text(model, "producer_name", NAME_BYTES),
        functions=len(model.get("functions", [])),
        training=len(model.get("training_info", [])),
        nodes=tuple(_node(part) for part in parts(graph, "node")),
        initializers=tuple(_tensor(part) for part in parts(graph, "initializer")),
        inputs=tuple(_value(part) for part in parts(graph, "input")),
        outputs=tuple(_value(part) for part in parts(graph, "output")),
        sparse=len(graph.get("sparse_initializer", [])),
    )


def _read(data: memoryview, schema: dict[int, str], what: str) -> Message:
    return read_message(data, schema, what, single=frozenset(schema.values()) - _REPEATED)


def _node(data: memoryview) -> Node:
    node = _read(data, _NODE, "a node")
    tensors: list[Tensor] = []
    subgraphs, unusual = 0, []
    for part in parts(node, "attribute"):
        attribute = _read(part, _ATTRIBUTE, "an attribute")
        subgraphs += len(attribute.get("g", [])) + len(attribute.get("graphs", []))
        tensors += [_tensor(one) for one in (*parts(attribute, "t"), *parts(attribute, "tensors"))]
        unusual += [
            name
            for name in ("tp", "type_protos", "sparse_tensor", "sparse_tensors", "ref_attr_name")
            if name in attribute
        ]
    return Node(
        op_type=text(node, "op_type", NAME_BYTES),
        domain=text(node, "domain", NAME_BYTES),
        inputs=tuple(texts(node, "input", NAME_BYTES)),
        outputs=tuple(texts(node, "output", NAME_BYTES)),
        tensors=tuple(tensors),
        subgraphs=subgraphs,
        unusual=tuple(unusual),
    )


_LISTS = ("float_data", "int32_data", "int64_data", "double_data", "uint64_data")


def _tensor(data: memoryview) -> Tensor:
    tensor = _read(data, _TENSOR, "a tensor")
    lists = [name for name in _LISTS if name in tensor]
    raw = parts(tensor, "raw_data")
    if len(lists) + len(raw) > 1 or "string_data" in tensor or "segment" in tensor:
        raise broken("a tensor holds its numbers in more than one form, in pieces, or as strings")
    return Tensor(
        name=text(tensor, "name", NAME_BYTES),
        dims=tuple(integers(tensor.get("dims", []), "the shape of a tensor")),
        data_type=integer(tensor, "data_type"),
        raw=len(raw[0]) if raw else None,
        external=integer(tensor, "data_location") != 0 or "external_data" in tensor,
    )


def _value(data: memoryview) -> Value:
    value = _read(data, _VALUE, "an input or output")
    name = text(value, "name", NAME_BYTES)
    types = parts(value, "type")
    tensors = parts(_read(types[0], _TYPE, "a type"), "tensor_type") if types else []
    if not tensors:
        return Value(name, 0, None)
    tensor = _read(tensors[0], {1: "elem_type", 2: "shape"}, "a tensor type")
    shapes = parts(tensor, "shape")
    if not shapes:
        return Value(name, integer(tensor, "elem_type"), None)
    dims = parts(_read(shapes[0], {1: "dim"}, "a shape"), "dim")
    sides = [_read(dim, {1: "value", 2: "param", 3: "denotation"}, "a dimension") for dim in dims]
    shape = tuple(integer(side, "value") if "value" in side else None for side in sides)
    return Value(name, integer(tensor, "elem_type"), shape)
