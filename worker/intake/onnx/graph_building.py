"""Translation of an ONNX graph to our own: numbers values, sorts tensors, and finds the head."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from app.formats.mismatch import BEFORE_EXPORT, single_output
from app.formats.recipes import EXPORT
from app.formats.refusal import Refused, shown
from worker.intake.onnx.inputs import Images
from worker.intake.onnx.model import OnnxModel, OnnxNode
from worker.intake.onnx.schema import refused
from worker.inversion.graph import HEADS, SIGNATURES, Graph, Node, Table

Weights = dict[str, np.ndarray]
_LARGEST_TABLE = 4_000_000
_TENSOR_ATTRIBUTES = {"ConstantOfShape"}


@dataclass(frozen=True)
class Built:
    """The translated graph. `names`: our names by the model's. `output`: its name for logits."""

    graph: Graph
    weights: Weights
    names: dict[str, str]
    output: str


def build_graph(model: OnnxModel, images: Images, num_classes: int) -> Built:
    """Translate the graph.

    In a model exported for one image, shapes that include the batch are marked, to be multiplied
    by the number of images. A transposition is added for a model that takes channels last.

    Raises: Refused (onnx-operator, onnx-structure, onnx-outputs, class-count, onnx-too-large).
    """
    _check_operators(model.nodes)
    nodes = [Node("Transpose", ("x",), ("n0",), {"perm": [0, 2, 3, 1]})] if images.channels_last else []
    names: dict[str, str] = {images.name: nodes[0].outputs[0] if nodes else "x"}
    weights: Weights = {}
    tables: dict[str, Table] = {}
    of_image = {images.name}
    made, constants = len(nodes), 0
    for node in model.nodes:
        for name in node.inputs:
            if name and name not in names:
                if name not in model.tensors:
                    raise refused("onnx-structure", f"{shown(name, 60)!r} is used before it is computed")
                constants += _place(name, model.tensors[name], names, weights, tables)
                if constants > _LARGEST_TABLE:
                    raise _too_many_numbers()
        attributes = _attributes(node)
        if images.single and _counts_images(node, model, of_image):
            attributes["batched"] = 1
        outputs: list[str] = []
        for name in node.outputs:
            if name and name in names:
                raise refused("onnx-structure", f"{shown(name, 60)!r} is computed twice")
            new = f"n{made}"
            made += 1
            outputs.append(new)
            if name:
                names[name] = new
        if of_image & set(node.inputs) and node.operator not in ("Shape", "Size"):
            of_image.update(node.outputs)
        inputs = _inputs(node, names, tables)
        nodes.append(Node(node.operator, inputs, tuple(outputs), attributes))
    output, head = _head(model, nodes, names, weights, num_classes)
    graph = Graph(model.opset, tuple(nodes), tables, output, head)
    kept = graph.weights
    return Built(
        graph,
        {name: array for name, array in weights.items() if name in kept},
        {old: new for old, new in names.items() if new in kept},
        next(old for old, new in names.items() if new == output),
    )


def _counts_images(node: OnnxNode, model: OnnxModel, of_image: set[str]) -> bool:
    """Return whether the operator may contain a fixed number of images."""
    if node.operator == "Concat":
        return bool(of_image & set(node.inputs))
    if node.operator not in ("Reshape", "Expand") or not of_image & set(node.inputs[:1]):
        return False
    return len(node.inputs) < 2 or node.inputs[1] in model.tensors


def _check_operators(nodes: list[OnnxNode]) -> None:
    """Reject unknown operators, naming all of them."""
    unknown = sorted({node.operator for node in nodes} - set(SIGNATURES))
    if unknown:
        listed = ", ".join(shown(name, 40) for name in unknown[:20])
        refusal = refused(
            "onnx-operator",
            f"it has unsupported operators: {listed}",
            "If its architecture is one of timm or torchvision, upload the weights as safetensors. A quantised"
            f" or optimised model has to be exported anew. {EXPORT}",
        )
        refusal.errors = [{"name": shown(name, 40), "detail": "is an unsupported operator"} for name in unknown[:49]]
        raise refusal


def _place(name: str, array: np.ndarray, names: dict[str, str], weights: Weights, tables: dict[str, Table]) -> int:
    """Store floats as weights, other types as a table. Return the size of the table."""
    if array.dtype.kind == "f" and array.size:
        if array.ndim > 8:
            raise refused("onnx-structure", f"{shown(name, 60)!r} has {array.ndim} dimensions")
        names[name] = f"w{len(weights)}"
        weights[names[name]] = array
        return 0
    if array.size > _LARGEST_TABLE:
        raise _too_many_numbers()
    names[name] = f"t{len(tables)}"
    values = tuple(int(v) for v in array.reshape(-1).tolist())
    tables[names[name]] = Table(array.dtype.kind == "b", tuple(array.shape), values)
    return len(values)


def _too_many_numbers() -> Refused:
    return refused("onnx-too-large", f"it has more than {_LARGEST_TABLE:,} integers")


def _inputs(node: OnnxNode, names: dict[str, str], tables: dict[str, Table]) -> tuple[str | None, ...]:
    """Return our names of the inputs. Omitted ones are None. Inputs for training are dropped."""
    found = [names[name] if name else None for name in node.inputs]
    if node.operator == "Dropout":
        found = found[:1]
    if node.operator in ("Pad", "Clip"):  # an empty tensor stands for "not given"
        found = [None if n in tables and not tables[n].values else n for n in found]
    while found and found[-1] is None:
        found.pop()
    return tuple(found)


def _attributes(node: OnnxNode) -> dict[str, Any]:
    known = SIGNATURES[node.operator].attributes
    found: dict[str, Any] = {}
    for name, value in node.attributes.items():
        if node.operator == "ConstantOfShape" and isinstance(value, np.ndarray) and value.size == 1:
            found |= {"value": float(value.reshape(())), "whole": int(value.dtype.kind in "iub")}
        elif name in ("consumed_inputs",):
            continue  # of the first versions, without meaning
        elif name not in known or name in ("opset", "outputs", "batched", "batch", "whole"):
            raise refused("onnx-operator", f"{node.operator} has the unknown attribute {shown(name, 40)!r}")
        elif isinstance(value, np.ndarray) or (isinstance(value, list) and not all(type(v) is int for v in value)):
            raise refused("onnx-operator", f"{node.operator} has the attribute {shown(name, 40)!r} of the wrong type")
        else:
            found[name] = value
    return found


def _head(
    model: OnnxModel, nodes: list[Node], names: dict[str, str], weights: Weights, num_classes: int
) -> tuple[str, int]:
    """Return the output with the logits, and the index of the last layer.

    Of several outputs after one last layer, such as logits and probabilities, the one that is
    computed first is used.

    Raises: Refused.
    """
    made = [names[value.name] for value in model.outputs if names.get(value.name, "x").startswith("n")]
    if not made:
        raise refused("onnx-outputs", "none of its outputs is computed by an operator")
    widths: dict[str, tuple[int, int]] = {}
    for output in made:
        found = _last_layer(nodes, output, weights)
        if found is not None:
            widths[output] = found
    fitting = [output for output, (_, width) in widths.items() if width == num_classes]
    if fitting and len({widths[output][0] for output in fitting}) == 1:
        first = min(fitting, key=lambda output: next(i for i, node in enumerate(nodes) if output in node.outputs))
        return first, widths[first][0]
    if fitting:
        raise refused("onnx-outputs", f"{len(fitting)} of its outputs have {num_classes} classes (keep only one)")
    if len(widths) == 1:
        width = next(iter(widths.values()))[1]
        if width == 1:
            raise single_output(BEFORE_EXPORT)
        raise refused(
            "class-count",
            f"it has {width} classes, but the release names {num_classes}",
            f"Create the release with the {width} names of the classes, in the order of the outputs.",
        )
    raise refused("onnx-outputs", "no output is computed by a Gemm, MatMul or Conv with weights")


def _last_layer(nodes: list[Node], output: str, weights: Weights) -> tuple[int, int] | None:
    """Return (index, number of outputs) of the last node with weights before an output."""
    wanted = {output}
    for index in reversed(range(len(nodes))):
        node = nodes[index]
        if not wanted & set(node.outputs):
            continue
        weight = weights.get(node.inputs[1] or "") if len(node.inputs) > 1 else None
        if node.operator in HEADS and weight is not None and (node.inputs[0] or "").startswith("n"):
            by_row = node.operator == "Conv" or (node.operator == "Gemm" and node.attributes.get("transB"))
            if not node.attributes.get("transA"):
                return index, int(weight.shape[0 if by_row else -1])
        wanted |= {name for name in node.inputs if name}
    return None
