"""Networks from ONNX: the strict document of their graph, and the rules for its operators."""

from worker.inversion.graph.checking import check_nodes
from worker.inversion.graph.document import (
    ARCHITECTURE,
    METADATA_KEY,
    Graph,
    Node,
    Table,
    read_graph,
    write_graph,
)
from worker.inversion.graph.signatures import HEADS, LARGEST_VALUE, SIGNATURES, Signature

__all__ = [
    "ARCHITECTURE",
    "HEADS",
    "LARGEST_VALUE",
    "METADATA_KEY",
    "SIGNATURES",
    "Graph",
    "Node",
    "Signature",
    "Table",
    "check_nodes",
    "read_graph",
    "write_graph",
]
