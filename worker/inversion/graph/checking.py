"""Checks of a graph before any of it runs."""

from __future__ import annotations

from worker.inversion.errors import UnusableTarget
from worker.inversion.graph.document import Graph, Node
from worker.inversion.graph.signatures import SIGNATURES

_WITHOUT_VALUES = frozenset({"Shape", "Size"})
"""Operators that use an input's shape only."""


def check_nodes(graph: Graph) -> None:
    """Accept known operators with valid inputs and attributes.

    Shapes must not depend on the image. Otherwise the memory of one run would not bound that of
    the next.

    Raises: UnusableTarget.
    """
    of_image = {"x"}
    for node in graph.nodes:
        _check_node(node)
        if node.operator in _WITHOUT_VALUES:
            continue
        for index in SIGNATURES[node.operator].steering:
            if index < len(node.inputs) and node.inputs[index] in of_image:
                raise UnusableTarget(f"{node.operator} makes a shape that depends on the image")
        if of_image & set(node.inputs):
            of_image.update(node.outputs)


def _check_node(node: Node) -> None:
    signature = SIGNATURES.get(node.operator)
    if signature is None:
        raise UnusableTarget(f"the graph uses the unknown operator {node.operator[:40]!r}")
    if not signature.least <= len(node.inputs) <= signature.most or None in node.inputs[: signature.least]:
        raise UnusableTarget(f"{node.operator} has {len(node.inputs)} inputs")
    if unknown := sorted(set(node.attributes) - set(signature.attributes)):
        raise UnusableTarget(f"{node.operator} has unknown attributes {unknown}")
    for name, value in node.attributes.items():
        if not _of_kind(value, signature.attributes[name]):
            raise UnusableTarget(f"{node.operator} has the attribute {name} of another kind")
    if node.attributes.get("training_mode"):
        raise UnusableTarget(f"{node.operator} is in training mode: export the model after model.eval()")


def _of_kind(value: object, default: object) -> bool:
    if default is None:
        return not isinstance(value, str)
    return isinstance(value, type(default)) or (isinstance(default, float) and isinstance(value, int))
