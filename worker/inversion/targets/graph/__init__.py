"""Networks that came as a graph (ONNX), kept as weights and a strict document, and run by our own operators."""

from worker.inversion.targets.graph.document import (
    ARCHITECTURE,
    METADATA_KEY,
    Graph,
    Node,
    Table,
    read_graph,
    write_graph,
)
from worker.inversion.targets.graph.network import GraphNetwork

__all__ = ["ARCHITECTURE", "METADATA_KEY", "Graph", "GraphNetwork", "Node", "Table", "read_graph", "write_graph"]
