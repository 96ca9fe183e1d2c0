"""What an ONNX model may be: one flat graph of listed operators, all of whose numbers lie in the file itself."""

from __future__ import annotations

import math
from collections.abc import Iterator

from worker.intake.onnx_model.model import Model, Node, Tensor, Value
from worker.intake.onnx_model.operators import BRANCHING, OPERATORS, RANDOM, STANDARD
from worker.intake.onnx_model.wire import broken
from worker.intake.refusal import Refused, shown

IR_VERSIONS = range(3, 14)
OPSETS = range(7, 26)
NODES, TENSORS, RANK, LISTED = 20_000, 20_000, 8, 20
_BYTES = {1: 4, 2: 1, 3: 1, 4: 2, 5: 2, 6: 4, 7: 8, 9: 1, 10: 2, 11: 8, 12: 4, 13: 8, 16: 2}  # by TensorProto.DataType


def check_model(model: Model, *, parameters: int) -> None:
    """Refuse what is not listed here. `parameters` bounds the numbers of all constants together.

    Raises: Refused (onnx-version, onnx-external-data, onnx-operator, onnx-subgraph, onnx-too-large, onnx-broken).
    """
    _check_versions(model)
    if len(model.nodes) > NODES or len(model.initializers) > TENSORS:
        raise Refused(
            "onnx-too-large",
            f"The model has {len(model.nodes)} operators and {len(model.initializers)} constants; at most {NODES} and"
            f" {TENSORS} are taken.",
        )
    if model.functions or model.training or model.sparse:
        raise Refused(
            "onnx-functions",
            "The model carries functions, training information or sparse constants of its own. Export it for inference"
            " with everything inlined: torch.onnx.export(model.eval(), ..., dynamo=True) does.",
        )
    _check_operators(model)
    for tensor in _tensors(model):
        _check_tensor(tensor)
    numbers = sum(math.prod(tensor.dims) for tensor in _tensors(model))
    if numbers > parameters:
        raise Refused("onnx-too-large", f"The model holds {numbers:,} numbers, at most {parameters:,} are taken.")
    _check_wiring(model)


def _check_versions(model: Model) -> None:
    foreign = sorted(set(model.opsets) - STANDARD - {domain for domain in model.opsets if not _used(model, domain)})
    if foreign:
        raise Refused(
            "onnx-operator",
            f"The model uses operators of {', '.join(shown(name, 60) for name in foreign)}; only ONNX's own are taken.",
        )
    opset = next((version for domain, version in model.opsets.items() if domain in STANDARD), 0)
    if model.ir_version not in IR_VERSIONS or opset not in OPSETS:
        raise Refused(
            "onnx-version",
            f"The model has format version {model.ir_version} and operator set {opset}; {IR_VERSIONS[0]} to"
            f" {IR_VERSIONS[-1]} and {OPSETS[0]} to {OPSETS[-1]} are taken. Export it with opset_version=18.",
        )


def _used(model: Model, domain: str) -> bool:
    return any(node.domain == domain for node in model.nodes)


def _check_operators(model: Model) -> None:
    if branching := [node for node in model.nodes if node.subgraphs or node.op_type in BRANCHING]:
        raise Refused(
            "onnx-subgraph",
            f"The operator {shown(branching[0].op_type, 60)} carries a graph of its own; loops and branches are not"
            " taken, because nothing bounds how long they run. Export the model with fixed control flow.",
            _named(branching),
        )
    wrong = [
        node
        for node in model.nodes
        if node.domain not in STANDARD or node.op_type not in OPERATORS or node.unusual or not node.outputs
    ]
    if wrong:
        names = sorted({f"{node.domain}.{node.op_type}".lstrip(".") for node in wrong})
        why = "they draw random numbers" if {n.op_type for n in wrong} <= RANDOM else "they are not on the list"
        raise Refused(
            "onnx-operator",
            f"The model uses operators that are not taken ({why}): {', '.join(shown(n, 60) for n in names[:LISTED])}.",
            _named(wrong),
        )


def _named(nodes: list[Node]) -> list[dict[str, str]]:
    return [
        {"name": shown(node.op_type), "detail": f"computes {shown(next(iter(node.outputs), 'nothing'))}"}
        for node in nodes
    ]


def _tensors(model: Model) -> Iterator[Tensor]:
    yield from model.initializers
    for node in model.nodes:
        yield from node.tensors


def _check_tensor(tensor: Tensor) -> None:
    name = shown(tensor.name)
    if tensor.external:
        raise Refused(
            "onnx-external-data",
            f"The constant {name!r} lies in another file. Save one file: onnx.save(model, path,"
            " save_as_external_data=False).",
        )
    if tensor.data_type not in _BYTES:
        raise broken(f"the constant {name!r} has the data type {tensor.data_type}, which is not taken")
    if len(tensor.dims) > RANK or any(side < 0 or side > 2**31 for side in tensor.dims):
        raise broken(f"the constant {name!r} has an absurd shape")
    if tensor.raw is not None and tensor.raw != math.prod(tensor.dims) * _BYTES[tensor.data_type]:
        raise broken(f"the constant {name!r} of shape {list(tensor.dims)} can't fill {tensor.raw} bytes")


def _check_wiring(model: Model) -> None:
    """Every value is made once, before it is read: a graph without circles."""
    constants = [tensor.name for tensor in model.initializers]
    known = {"", *constants, *(value.name for value in model.inputs)}
    if len(set(constants)) < len(constants):
        raise broken("two of its constants have one name")
    made: set[str] = set()
    for node in model.nodes:
        if missing := [name for name in node.inputs if name not in known and name not in made]:
            raise broken(f"{shown(node.op_type, 60)} reads {shown(missing[0])!r} before anything makes it")
        for name in filter(None, node.outputs):
            if name in made or name in known:
                raise broken(f"{shown(name)!r} is made twice")
            made.add(name)
    if unmade := [value.name for value in model.outputs if value.name not in made]:
        raise broken(f"nothing makes its output {shown(unmade[0])!r}")


def image_input(model: Model) -> tuple[Value, tuple[int, int, int]]:
    """The one input (B, C, H, W) of a network of images, and its (C, H, W). Raises: Refused (onnx-input)."""
    constants = {tensor.name for tensor in model.initializers}
    inputs = [value for value in model.inputs if value.name not in constants]
    match inputs:
        case [Value(elem_type=1, shape=(batch, (1 | 3) as c, int(h), int(w))) as value] if (
            8 <= h <= 1024 and 8 <= w <= 1024 and (batch is None or 0 < batch <= 1024)
        ):
            return value, (c, h, w)
    found = "; ".join(f"{shown(v.name, 60)}: type {v.elem_type}, shape {v.shape}" for v in inputs[:4]) or "none"
    raise Refused(
        "onnx-input",
        "The model must have one input of float32 images (batch, channels, height, width) with 1 or 3 channels and a"
        f" fixed size of 8 to 1024 pixels a side; it has: {found}.",
    )
