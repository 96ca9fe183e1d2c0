"""A network as a strict JSON document: a list of operators over numbered values.

The document does not contain code or file names.

Values are called `x` (the images), `w0, w1, ...` (float weights, stored beside the document as
`weights.w0` etc.), `t0, t1, ...` (tables of whole numbers or truth values, in the document) and
`n0, n1, ...` (results of operators). Every value is made once and used afterwards, so the list
cannot loop or branch.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from typing import Any, NoReturn

from worker.inversion.errors import UnusableTarget

METADATA_KEY = "exhume.graph"
ARCHITECTURE = "exhume/onnx-graph"
VERSION = 1
LARGEST = 16 * 1024 * 1024
MOST_NODES = 20_000
_VALUE = re.compile(r"x|[wtn]\d{1,6}")


@dataclass(frozen=True)
class Node:
    """One operator: its name, input values (None if omitted), output values and attributes."""

    operator: str
    inputs: tuple[str | None, ...]
    outputs: tuple[str, ...]
    attributes: dict[str, Any]


@dataclass(frozen=True)
class Table:
    """Whole numbers, or truth values, in row-major order."""

    truth: bool
    shape: tuple[int, ...]
    values: tuple[int, ...]


@dataclass(frozen=True)
class Graph:
    """The graph of a network.

    Attributes:
        output: the value with the logits.
        head: index of the node whose input is the penultimate feature.
    """

    opset: int
    nodes: tuple[Node, ...]
    tables: dict[str, Table]
    output: str
    head: int

    @property
    def weights(self) -> set[str]:
        """The weights that the nodes use."""
        return {name for node in self.nodes for name in node.inputs if name and name.startswith("w")}


def write_graph(graph: Graph) -> str:
    """Return the document of a graph."""
    nodes = [[n.operator, list(n.inputs), list(n.outputs), n.attributes] for n in graph.nodes]
    tables = {name: [t.truth, list(t.shape), list(t.values)] for name, t in graph.tables.items()}
    document = {"version": VERSION, "opset": graph.opset, "output": graph.output, "head": graph.head}
    return json.dumps({**document, "tables": tables, "nodes": nodes}, separators=(",", ":"), allow_nan=False)


def read_graph(text: str) -> Graph:
    """Return the graph of a document, after checking every part and the order of its values.

    Raises: UnusableTarget.
    """
    if len(text) > LARGEST:
        raise _broken(f"it has {len(text):,} characters, but at most {LARGEST:,} are allowed")
    try:
        document = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise _broken(f"it is not strict JSON ({str(error)[:100]})") from None
    match document:
        case {
            "version": 1,
            "opset": int(opset),
            "output": str(output),
            "head": int(head),
            "tables": dict(tables),
            "nodes": list(nodes),
        } if (
            len(document) == 6
            and 0 < len(nodes) <= MOST_NODES
            and 0 <= head < len(nodes)
            and type(head) is type(opset) is int
        ):
            graph = Graph(
                opset, tuple(map(_node, nodes)), {_name(k): _table(t) for k, t in tables.items()}, output, head
            )
        case _:
            raise _broken("its members are not those of a graph")
    _check_order(graph)
    return graph


def _node(item: Any) -> Node:
    match item:
        case [str(operator), list(inputs), list(outputs), dict(attributes)]:
            pass
        case _:
            raise _broken("a node is malformed")
    if not all(_plain(value) for value in attributes.values()):
        raise _broken(f"an attribute of {operator[:40]!r} has the wrong type")
    return Node(
        operator, tuple(None if i is None else _name(i) for i in inputs), tuple(map(_name, outputs)), attributes
    )


def _name(value: object) -> str:
    if not isinstance(value, str) or not _VALUE.fullmatch(value):
        raise _broken(f"{str(value)[:40]!r} is not the name of a value")
    return value


def _table(item: Any) -> Table:
    match item:
        case [bool(truth), list(shape), list(values)] if (
            all(type(n) is int and 0 <= n < 2**40 for n in shape)
            and math.prod(shape) == len(values)
            and all(type(v) is int and -(2**63) <= v < 2**63 for v in values)
        ):
            return Table(truth, tuple(shape), tuple(values))
    raise _broken("a table is malformed")


def _plain(value: object) -> bool:
    """Return whether this is a number, a short text, or a short list of whole numbers."""
    if isinstance(value, list):
        return len(value) <= 64 and all(type(v) is int and abs(v) < 2**63 for v in value)
    if isinstance(value, str):
        return len(value) <= 100
    return value is None or type(value) is int or (isinstance(value, float) and math.isfinite(value))


def _check_order(graph: Graph) -> None:
    known = {"x", *graph.tables}
    if any(not name.startswith("t") for name in graph.tables):
        raise _broken("a table has the name of another value")
    for node in graph.nodes:
        for name in node.inputs:
            if name is not None and not name.startswith("w") and name not in known:
                raise _broken(f"{name} is used before it is made")
        for name in node.outputs:
            if not name.startswith("n") or name in known:
                raise _broken(f"{name} is made twice")
            known.add(name)
    if graph.output not in known or not graph.output.startswith("n"):
        raise _broken("no operator makes its output")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key appears twice")
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _broken(what: str) -> UnusableTarget:
    return UnusableTarget(f"the graph of the network cannot be used: {what}")
